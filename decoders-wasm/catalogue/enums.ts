/** Closed lists that tables share. Codes are positions: append only. */

/** Adjacency states: `unknown`, then ietf-isis and ietf-ospf. */
export const adjacencyState = ['unknown', 'down', 'init', 'up', 'failed', 'attempt', '2-way', 'exstart', 'exchange', 'loading', 'full'] as const;

export const igpProtocol = ['', 'isis', 'ospfv2', 'ospfv3'] as const;

/** Reasons of adjacency transitions, IS-IS and OSPF. */
export const adjacencyReason = [
  '', 'first-seen', 'hello-received', 'two-way-received', 'three-way-received', 'declared-by-router', 'hold-timer-expired',
  'one-way-received', 'neighbor-restarted', 'area-mismatch', 'level-mismatch', 'authentication-type-mismatch', 'hello-refused',
  'topology-mismatch', 'snpa-changed', 'circuit-id-changed', 'duplicate-system-id', 'link-withdrawn', 'router-silent',
  'router-restarted', 'router-shutdown', 'interface-down', 'changed-while-blind', 'evicted', 'attempt-started',
  'adjacency-started', 'negotiation-done', 'exchange-done', 'loading-done', 'sequence-number-mismatch', 'bad-ls-request',
  'adjacency-not-needed', 'inactivity-timer', 'grace-period-expired', 'config-mismatch', 'decoder-upgrade',
] as const;

/** Session states of ietf-bgp (bgp-fsm-state) behind `unknown`. */
export const sessionState = ['unknown', 'idle', 'connect', 'active', 'opensent', 'openconfirm', 'established'] as const;

export const sessionReason = [
  '', 'first-seen', 'connection-opened', 'open-sent', 'open-received', 'keepalive-received', 'notification-sent',
  'notification-received', 'hold-timer-expired', 'tcp-fin', 'tcp-rst', 'new-connection', 'connection-collision',
  'connect-refused', 'open-rejected', 'router-silent', 'changed-while-blind', 'evicted', 'decoder-upgrade',
] as const;

/** Reasons of a flush, stale mark or sweep of a RIB direction. */
export const ribMarkReason = [
  '', 'session-down', 'restart-timer-expired', 'forwarding-state-lost', 'family-not-renegotiated', 'end-of-rib-sweep',
  'refresh-sweep', 'llgr-expired', 'stream-gap', 'evicted', 'graceful-restart',
] as const;

/** Why a row of the graph was written although no frame changed it; empty: a frame or deadline did. */
export const stateReason = ['', 'decoder-upgrade'] as const;

export const afiSafi = ['', 'ipv4-unicast', 'ipv6-unicast'] as const;

/** Classes after Labovitz: announced, withdrawn, replaced with a difference, repeated without one, withdrawn twice. */
export const changeClass = ['', 'tup', 'tdown', 'aadiff', 'aadup', 'wwdup'] as const;

export const bgpOrigin = ['igp', 'egp', 'incomplete', ''] as const;

export const coverage = ['', 'full', 'partial', 'suspect', 'none', 'router-silent'] as const;

export const coverageWhat = ['', 'tap-opened', 'tap-closed', 'coverage-lost', 'coverage-suspect', 'gap', 'state-reset', 'restored', 'carrier-lost', 'carrier-restored'] as const;

export const capabilitySource = ['', 'open', 'inferred', 'assumed'] as const;
