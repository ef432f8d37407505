/**
 * What each part of the system may do on Kafka, as ACLs. Kafka allows by topic, not by partition and not by content: who
 * may write frames may write them under any collector's name. Collectors that do not trust each other need a prefix each.
 */
import kafkajs, { type AclEntry } from 'kafkajs';
import { checkpointsTopic, eventsTopic, framesTopic, reportsTopic } from '../../contract/log.ts';

const { AclOperationTypes: Operation, AclResourceTypes: Resource, AclPermissionTypes: Permission, ResourcePatternTypes: Pattern } = kafkajs;

/** What a role does with a topic. */
type Use = 'read' | 'write' | 'see';

interface Role {
  readonly about: string;
  readonly topics: Readonly<Record<string, readonly Use[]>>;
  /** Consumer groups, by what their names begin with (behind `routewatch.`). */
  readonly groups: readonly string[];
}

const seen: Readonly<Record<string, readonly Use[]>> = { [framesTopic]: ['see'], [eventsTopic]: ['see'], [checkpointsTopic]: ['see'] };

/** Who needs what. */
export const roles: Readonly<Record<string, Role>> = {
  collector: { about: 'writes frames, reads nothing', topics: { [framesTopic]: ['write'] }, groups: [] },
  worker: {
    about: 'reads frames (and writes its clock there), writes events and checkpoints',
    topics: { [framesTopic]: ['read', 'write'], [eventsTopic]: ['read', 'write'], [checkpointsTopic]: ['read', 'write'] }, groups: ['worker', 'checkpoints'],
  },
  sink: { about: 'reads events and reports', topics: { ...seen, [eventsTopic]: ['read'], [reportsTopic]: ['read'] }, groups: ['clickhouse'] },
  alerter: { about: 'reads events, writes alerts as reports', topics: { ...seen, [eventsTopic]: ['read'], [reportsTopic]: ['read', 'write'] }, groups: ['alerts'] },
  reader: { about: 'reads all, for audit and packet', topics: { [framesTopic]: ['read'], [eventsTopic]: ['read'], [checkpointsTopic]: ['read'], [reportsTopic]: ['read'] }, groups: [] },
};

/** `ROLE:USER` taken apart; throws an Error that names the roles. */
export function parseGrant(text: string): { role: string; user: string } {
  const [, role = '', user = ''] = /^([a-z]+):(.+)$/.exec(text) ?? [];
  if (user === '' || !(role in roles)) throw new Error(`${text} is no ROLE:USER; the roles are ${Object.entries(roles).map(([name, { about }]) => `${name} (${about})`).join(', ')}`);
  return { role, user };
}

/** The ACLs of a role for `User:user` on the topics and groups with that prefix. */
export function aclsOf(role: string, user: string, prefix: string): AclEntry[] {
  const operations: Readonly<Record<Use, AclEntry['operation']>> = { read: Operation.READ, write: Operation.WRITE, see: Operation.DESCRIBE };
  const entry = (resourceType: AclEntry['resourceType'], resourceName: string, resourcePatternType: AclEntry['resourcePatternType'], operation: AclEntry['operation']): AclEntry => ({
    resourceType, resourceName, resourcePatternType, operation, principal: `User:${user}`, host: '*', permissionType: Permission.ALLOW,
  });
  const { topics, groups } = roles[role]!;
  return [
    ...Object.entries(topics).flatMap(([topic, uses]) => uses.map((use) => entry(Resource.TOPIC, prefix + topic, Pattern.LITERAL, operations[use]))),
    ...groups.map((group) => entry(Resource.GROUP, `${prefix}routewatch.${group}`, Pattern.PREFIXED, Operation.READ)),
  ];
}
