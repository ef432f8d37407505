/** Which alerts have a notification in the standard MIBs, and its objects. */
import { isIPv4 } from 'node:net';
import { ObjectType, type Varbind } from 'net-snmp';
import type { AlertNotice } from '../../../contract/alert.ts';

/** `snmpTrapOID` and the objects behind it, in the MIB's order. */
export interface Notification {
  readonly oid: string;
  readonly objects: readonly Varbind[];
}

/** Unknown instance parts (interface index, instance id) are 0: packets do not tell them. */
const UNKNOWN = 0;

/** The standard notification of an alert; undefined where the MIBs have none for it. */
export function standardNotification(notice: AlertNotice): Notification | undefined {
  const { protocol } = notice.labels;
  if (notice.rule === 'adjacency-lost') {
    if (protocol === 'isis') return isisAdjacencyChange(notice);
    if (protocol === 'ospfv2') return ospfNbrStateChange(notice);
    if (protocol === 'ospfv3') return ospfv3NbrStateChange(notice);
  }
  return notice.rule === 'session-lost' && protocol === 'bgp' ? bgpTransition(notice) : undefined;
}

/** IsisAdjState of RFC 4444. */
const ISIS_STATES: Readonly<Record<string, number>> = { down: 1, init: 2, up: 3, failed: 4 };

/** RFC 4444, isisAdjacencyChange: the first 6 bytes of isisPduLspId are the system id of the adjacent system. */
function isisAdjacencyChange({ state, labels }: AlertNotice): Notification | undefined {
  const systemId = /^[0-9a-f]{12}$/i.exec((labels['neighbor'] ?? '').replaceAll('.', ''))?.[0];
  if (systemId === undefined) return undefined;
  const isisNotificationEntry = '1.3.6.1.2.1.138.1.10.1';
  const level = Number(labels['level'] ?? 0);
  return {
    oid: '1.3.6.1.2.1.138.0.17',
    objects: [
      { oid: `${isisNotificationEntry}.1.0`, type: ObjectType.Integer, value: level === 1 || level === 2 ? level : 3 },
      { oid: `${isisNotificationEntry}.2.0`, type: ObjectType.Integer, value: UNKNOWN },
      { oid: `${isisNotificationEntry}.3.0`, type: ObjectType.OctetString, value: Buffer.from(`${systemId}0000`, 'hex') },
      { oid: `${isisNotificationEntry}.12.0`, type: ObjectType.Integer, value: state === 'resolved' ? 3 : ISIS_STATES[labels['state'] ?? ''] ?? 1 },
    ],
  };
}

/** ospfNbrState of RFC 4750, ospfv3NbrState of RFC 5643. */
const OSPF_STATES: Readonly<Record<string, number>> = { down: 1, attempt: 2, init: 3, '2-way': 4, exstart: 5, exchange: 6, loading: 7, full: 8 };

function ospfState({ state, labels }: AlertNotice): number {
  return state === 'resolved' ? 8 : OSPF_STATES[labels['state'] ?? ''] ?? 1;
}

/** RFC 4750, ospfNbrStateChange. */
function ospfNbrStateChange(notice: AlertNotice): Notification | undefined {
  const { router = '', neighbor = '' } = notice.labels;
  const address = notice.labels['neighbor_address'] ?? neighbor;
  if (![router, neighbor, address].every(isIPv4)) return undefined;
  const ospfNbrEntry = '1.3.6.1.2.1.14.10.1';
  const index = `${address}.${UNKNOWN}`;
  return {
    oid: '1.3.6.1.2.1.14.16.2.2',
    objects: [
      { oid: '1.3.6.1.2.1.14.1.1.0', type: ObjectType.IpAddress, value: router },
      { oid: `${ospfNbrEntry}.1.${index}`, type: ObjectType.IpAddress, value: address },
      { oid: `${ospfNbrEntry}.2.${index}`, type: ObjectType.Integer, value: UNKNOWN },
      { oid: `${ospfNbrEntry}.3.${index}`, type: ObjectType.IpAddress, value: neighbor },
      { oid: `${ospfNbrEntry}.6.${index}`, type: ObjectType.Integer, value: ospfState(notice) },
    ],
  };
}

/** RFC 5643, ospfv3NbrStateChange: router ids are numbers, the neighbour's is the last part of the index. */
function ospfv3NbrStateChange(notice: AlertNotice): Notification | undefined {
  const { router = '', neighbor = '' } = notice.labels;
  if (!isIPv4(router) || !isIPv4(neighbor)) return undefined;
  return {
    oid: '1.3.6.1.2.1.191.0.2',
    objects: [
      { oid: '1.3.6.1.2.1.191.1.1.1.0', type: ObjectType.Gauge, value: number(router) },
      { oid: `1.3.6.1.2.1.191.1.9.1.8.${UNKNOWN}.${UNKNOWN}.${number(neighbor)}`, type: ObjectType.Integer, value: ospfState(notice) },
    ],
  };
}

/** bgpPeerState of RFC 4273. */
const BGP_STATES: Readonly<Record<string, number>> = { idle: 1, connect: 2, active: 3, opensent: 4, openconfirm: 5 };

/** RFC 4273, bgpBackwardTransNotification and bgpEstablishedNotification: of IPv4 peers only, which their index is. */
function bgpTransition({ state, labels }: AlertNotice): Notification | undefined {
  const peer = labels['neighbor'] ?? '';
  if (!isIPv4(peer)) return undefined;
  const bgpPeerEntry = '1.3.6.1.2.1.15.3.1';
  const error = [labels['code'], labels['subcode']].map((code) => Number(code ?? 0) & 0xff);
  return {
    oid: state === 'resolved' ? '1.3.6.1.2.1.15.0.1' : '1.3.6.1.2.1.15.0.2',
    objects: [
      { oid: `${bgpPeerEntry}.7.${peer}`, type: ObjectType.IpAddress, value: peer },
      { oid: `${bgpPeerEntry}.14.${peer}`, type: ObjectType.OctetString, value: Buffer.from(error) },
      { oid: `${bgpPeerEntry}.2.${peer}`, type: ObjectType.Integer, value: state === 'resolved' ? 6 : BGP_STATES[labels['state'] ?? ''] ?? 1 },
    ],
  };
}

function number(dotted: string): number {
  return Buffer.from(dotted.split('.').map(Number)).readUInt32BE();
}
