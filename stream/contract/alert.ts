/** What the alert engine hands to its channels: one notice for each transition of an alert, and what a channel must be. */

/** The one scale; what each receiver calls it stands in `stream/sinks/alerts/severity.ts`. */
export type Severity = 'critical' | 'error' | 'warning' | 'info';

/** One transition of one alert, told at least once; times are ns since 1970 UTC. */
export interface AlertNotice {
  /** 32 hex: hash of `alertId` and its transition number; the same when sent again, so that receivers can drop the second. */
  readonly id: string;
  /** 32 hex: one instance, from firing to resolved; hash of rule, subject key and the deciding event. */
  readonly alertId: string;
  /** Name of the rule's file, kebab-case: `adjacency-lost`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly state: 'firing' | 'resolved';
  /** Effective time of the fault. */
  readonly since: bigint;
  /** Time at which this transition was decided. */
  readonly changed: bigint;
  /** What and where, one line: `adjacency r1 -> r2, isis L2, link r1-r2`. */
  readonly subject: string;
  /** One sentence. */
  readonly summary: string;
  /** The row's reason word or words. */
  readonly reason: string;
  /** How it is known: `declared`, `received`, `timer`, `inferred`, `lsdb`. */
  readonly evidence: string;
  /**
   * Where it is, each only where it is known: `domain`, `protocol`, `router`, `router_name`, `neighbor`, `neighbor_name`,
   * `link`, `level`, `area`, a session's ends, `tap` and so on. All notices of one `alertId` have the same: Alertmanager
   * knows an alert by its labels. Standard traps are made of `protocol` (`isis`, `ospfv2`, `ospfv3`, `bgp`), `level`,
   * `router`, `neighbor` (of a session: the addresses of its ends), `neighbor_address`, `state`, `code` and `subcode`.
   */
  readonly labels: Readonly<Record<string, string>>;
  /** What else happened around it, one line each. */
  readonly related: readonly string[];
  /** Event ids of the rows that it rests on. */
  readonly events: readonly string[];
  /** `page` and `query` are absolute where a base URL is configured. */
  readonly links: { readonly page: string; readonly query: string; readonly runbook: string };
}

/** A way to somebody who has to know. */
export interface AlertChannel {
  readonly name: string;
  /** Resolves when the receiver has acknowledged all; rejects (the message says what and where) to be tried again with the same ids. */
  send(notices: readonly AlertNotice[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
