/** ROUTEWATCH-MIB: the notifications of all that no standard MIB has one for, below an OID of the user's own. */
import { ObjectType, type Varbind } from 'net-snmp';
import type { AlertNotice } from '../../../contract/alert.ts';
import { severities } from '../severity.ts';
import type { Notification } from './snmp-standard.ts';
import { rfc3339 } from './times.ts';

interface MibObject {
  readonly name: string;
  readonly syntax: string;
  readonly about: string;
  readonly of: (notice: AlertNotice) => string | number;
}

const text = 'OCTET STRING (SIZE(0..255))';
const severityNames = Object.entries(severities).map(([name, { syslog }]) => `${name}(${syslog})`).join(', ');

/** In their order below `routewatchObjects`: a number once given stays. */
const objects: readonly MibObject[] = [
  { name: 'routewatchNoticeId', syntax: text, about: 'The same when a notice is sent again: drop the second.', of: ({ id }) => id },
  { name: 'routewatchAlertId', syntax: text, about: 'One alert, from firing to resolved.', of: ({ alertId }) => alertId },
  { name: 'routewatchAlertRule', syntax: text, about: 'Name of the rule.', of: ({ rule }) => rule },
  { name: 'routewatchAlertSeverity', syntax: `INTEGER { ${severityNames} }`, about: 'Numbers as in syslog.', of: ({ severity }) => severities[severity].syslog },
  { name: 'routewatchAlertState', syntax: 'INTEGER { firing(1), resolved(2) }', about: 'Which transition this is.', of: ({ state }) => (state === 'firing' ? 1 : 2) },
  { name: 'routewatchAlertSince', syntax: text, about: 'Effective time of the fault, RFC 3339.', of: ({ since }) => rfc3339(since, 6) },
  { name: 'routewatchAlertSubject', syntax: text, about: 'What and where.', of: ({ subject }) => subject },
  { name: 'routewatchAlertSummary', syntax: text, about: 'One sentence.', of: ({ summary }) => summary },
  { name: 'routewatchAlertReason', syntax: text, about: 'Why.', of: ({ reason }) => reason },
  { name: 'routewatchAlertEvidence', syntax: text, about: 'How it is known.', of: ({ evidence }) => evidence },
  { name: 'routewatchAlertDomain', syntax: text, about: 'Routing domain.', of: ({ labels }) => labels['domain'] ?? '' },
  { name: 'routewatchAlertRouter', syntax: text, about: 'Whose state it is: name or id.', of: ({ labels }) => labels['router_name'] ?? labels['router'] ?? '' },
  { name: 'routewatchAlertNeighbor', syntax: text, about: 'The other end: name or id.', of: ({ labels }) => labels['neighbor_name'] ?? labels['neighbor'] ?? '' },
  { name: 'routewatchAlertLink', syntax: text, about: 'Link.', of: ({ labels }) => labels['link'] ?? '' },
  { name: 'routewatchAlertPage', syntax: text, about: 'Address of the page that tells more.', of: ({ links }) => links.page },
];

/** The objects of ROUTEWATCH-MIB with a notice's values; they go behind those of a standard notification too. */
export function ownObjects(notice: AlertNotice, enterprise: string): Varbind[] {
  return objects.map(({ of }, index) => {
    const value = of(notice);
    const oid = `${enterprise}.1.${index + 1}.0`;
    return typeof value === 'number' ? { oid, type: ObjectType.Integer, value } : { oid, type: ObjectType.OctetString, value: octets(value) };
  });
}

/** routewatchAlertFiring or routewatchAlertResolved. */
export function ownNotification(notice: AlertNotice, enterprise: string): Notification {
  return { oid: `${enterprise}.0.${notice.state === 'firing' ? 1 : 2}`, objects: ownObjects(notice, enterprise) };
}

/** At most 255 bytes of UTF-8, whole characters. */
function octets(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  let end = Math.min(bytes.length, 255);
  while (end < bytes.length && end > 0 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

/** The module's text, to be loaded by a network management system. */
export function mibText(enterprise: string): string {
  const below = enterprise.split('.').slice(6).join(' ');
  const names = objects.map(({ name }) => name).join(', ');
  const notification = (name: string, about: string, number: number): string =>
    `${name} NOTIFICATION-TYPE\n    OBJECTS { ${names} }\n    STATUS current\n    DESCRIPTION "${about}"\n    ::= { routewatchNotifications ${number} }\n`;
  return `ROUTEWATCH-MIB DEFINITIONS ::= BEGIN

-- Made by \`routewatch alert mib\` for the OID ${enterprise}: another OID, another text.

IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, enterprises FROM SNMPv2-SMI;

routewatch MODULE-IDENTITY
    LAST-UPDATED "202611210000Z"
    ORGANIZATION "RouteWatch"
    CONTACT-INFO "Whoever runs this RouteWatch"
    DESCRIPTION "Alerts of RouteWatch that no standard MIB has a notification for."
    REVISION "202611210000Z"
    DESCRIPTION "First version."
    ::= { enterprises ${below} }

routewatchNotifications OBJECT IDENTIFIER ::= { routewatch 0 }
routewatchObjects       OBJECT IDENTIFIER ::= { routewatch 1 }

${objects.map(({ name, syntax, about }, index) => `${name} OBJECT-TYPE
    SYNTAX ${syntax}
    MAX-ACCESS accessible-for-notify
    STATUS current
    DESCRIPTION "${about}"
    ::= { routewatchObjects ${index + 1} }
`).join('\n')}
${notification('routewatchAlertFiring', 'An alert fires.', 1)}
${notification('routewatchAlertResolved', 'An alert is over.', 2)}
END
`;
}
