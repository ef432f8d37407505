/** What the live sink offers to the page and the terminal: each event once, as it becomes known. */

/** One event for people. */
export interface LiveEvent {
  /** `event_id`. */
  readonly id: string;
  /** Table of the catalogue. */
  readonly table: string;
  /** `<protocol>.<IETF YANG notification>`. */
  readonly type: string;
  /** Effective time and time of the decision, ns since 1970 UTC, decimal. */
  readonly time: string;
  readonly decidedTime: string;
  readonly domain: string;
  readonly link: string;
  /** Whose state changed, and its name where one is known. */
  readonly router: string;
  readonly routerName: string;
  /** What changed, for people: the neighbour, peer, prefix, link or tap. */
  readonly subject: string;
  readonly previous: string;
  readonly next: string;
  readonly reason: string;
  /** `loss` is what somebody may have to know: an adjacency or session lost, coverage lost. */
  readonly severity: 'info' | 'good' | 'loss' | 'error';
  /** First sight of something that was there before. */
  readonly initial: boolean;
  /** The event as one readable line without time. */
  readonly line: string;
  /** Of the table `alerts`: the alert as the API lists it, before the store has it. */
  readonly alert?: LiveAlert;
}

/** What an alert says beyond what each event says; names are those of the API. */
export interface LiveAlert {
  readonly alert_id: string;
  readonly rule: string;
  readonly severity: string;
  readonly protocol: string;
  readonly neighbor: string;
  readonly neighbor_name: string;
  readonly summary: string;
  readonly evidence: string;
  readonly untold: string;
  readonly incident: string;
  /** JSON object of strings. */
  readonly labels: string;
  /** Lines. */
  readonly related: string;
  /** Event ids, separated by spaces. */
  readonly events: string;
  readonly since_ns: string;
}

/** How the ledger names what stands at a place of a position. */
export interface LedgerPlace {
  readonly logId: string;
  readonly partition: number;
}

/** By partition of the events log, then of the reports where they are followed: the first offset that has not been told. */
export type LivePosition = readonly bigint[];

/** What was told of a partition (its place in a position) up to an offset: events of one record, all together; or that retention has taken what there was. */
export interface ToldRecord {
  readonly partition: number;
  /** The offset behind it. */
  readonly next: bigint;
  readonly events: readonly LiveEvent[];
  /** From this offset to `next` nothing is known any more. */
  readonly lostFrom?: bigint;
}

export interface LiveFeed {
  /** Identity of the events log: offsets of another one mean nothing here. */
  readonly logId: string;
  /** The newest events, oldest first. */
  recent(limit: number): readonly LiveEvent[];
  /** Calls the listener for each event from now on; the result ends that. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
  /** All before it has been told; what follows `subscribeRecords` in the same turn begins here. */
  position(): LivePosition;
  /** The places of a position, as the store's ledger has them. */
  ledger(): readonly LedgerPlace[];
  /** As `subscribe`, by record. */
  subscribeRecords(listener: (told: ToldRecord) => void): () => void;
  /** What was told from one position to another, in the order of each partition. */
  told(from: LivePosition, until: LivePosition): AsyncIterable<ToldRecord>;
}
