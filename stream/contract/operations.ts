/** What operators have said, for those who judge events by it: expected neighbours and maintenance windows. */

/** A neighbour that a router should have. */
export interface ExpectedNeighbor {
  readonly domain: string;
  /** `isis`, `ospfv2`, `ospfv3` or `bgp`. */
  readonly protocol: string;
  /** System id, router id, or address (bgp). */
  readonly router: string;
  readonly neighbor: string;
  /** Empty: on whatever link. */
  readonly link: string;
}

/** Planned work: alerts of what it names are silent meanwhile, and recorded all the same. */
export interface MaintenanceWindow {
  readonly id: string;
  /** Empty: every domain. */
  readonly domain: string;
  /** Identities or names of routers; empty with `links` empty: the whole domain. */
  readonly routers: readonly string[];
  readonly links: readonly string[];
  /** ns since 1970 UTC. */
  readonly from: bigint;
  readonly to: bigint;
  readonly reason: string;
}

export interface OperatorStatements {
  /** Rises with every change of what the other two tell, by whichever process: nothing has to be read again until then. */
  version(): number;
  expectedNeighbors(): readonly ExpectedNeighbor[];
  /** Windows that end after `now`, begun or not. */
  maintenanceWindows(now: bigint): readonly MaintenanceWindow[];
}
