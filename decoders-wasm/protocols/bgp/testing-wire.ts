/** Sessions for vectors and scenarios: who sends what at which millisecond, decoded to short lines of rows. */
import type { Row } from '../../contract/row-reader.ts';
import { troubleLines } from '../../contract/testing/golden.ts';
import { Conversation, handmade, keepalive, message, open, prefix, type SegmentOptions, basicAttributes, update } from './generate.ts';
import { bootOf, codesOf, feed, makeInstance, RowSink, type Tables, withTicks } from './testing.ts';

const BASE_NS = 1_700_000_000_000_000_000n;
const none = Buffer.alloc(0);

/** The ends of every session here: `a` is 10.0.0.1 in AS 65001, `b` is 10.0.0.2 in AS 65002. */
export type End = 'a' | 'b';

/** UPDATE that announces prefixes with a path. */
export function announce(prefixes: readonly string[], path: readonly number[] = [65001], more: Uint8Array = none): Buffer {
  return update(none, basicAttributes(path, '10.0.0.1', more), Buffer.concat(prefixes.map(prefix)));
}

export function withdraw(prefixes: readonly string[]): Buffer {
  return update(Buffer.concat(prefixes.map(prefix)), none, none);
}

/** End-of-RIB of IPv4 unicast (RFC 4724 section 2). */
export const endOfRib = update(none, none, none);

/** NOTIFICATION with data, or with the text of a shutdown communication (RFC 9003). */
export function notification(code: number, subcode: number, text = ''): Buffer {
  const words = Buffer.from(text);
  return message(3, Buffer.concat([Buffer.from([code, subcode]), text === '' ? none : Buffer.from([words.length]), words]));
}

/** A router's OPEN with hold time and further capabilities (hex). */
export function openOf(end: End, hold = 90, capabilities = ''): Buffer {
  return end === 'a' ? open(65001, '1.1.1.1', hold, capabilities) : open(65002, '2.2.2.2', hold, capabilities);
}

/** One TCP connection between the two ends. */
export class Connection {
  private readonly conversation: Conversation;

  constructor(ports: [number, number]) {
    this.conversation = new Conversation({ ports, boot: BASE_NS });
  }

  get records(): readonly Uint8Array[] {
    return this.conversation.records;
  }

  /** The next sequence number of an end. */
  next(end: End): number {
    return this.conversation.next[end === 'a' ? 0 : 1];
  }

  /** Lets an end's bytes pass that no tap shows. */
  unseen(end: End, bytes: number): this {
    this.conversation.next[end === 'a' ? 0 : 1] += bytes;
    return this;
  }

  segment(ms: number, end: End, data: Uint8Array, options: SegmentOptions = {}): this {
    const at = BASE_NS + BigInt(Math.round(ms * 1e6));
    if (this.conversation.boot < at) this.conversation.boot = at;
    this.conversation.segment(end === 'a' ? 0 : 1, data, options);
    return this;
  }

  /** Messages in one segment. */
  send(ms: number, end: End, ...messages: readonly Uint8Array[]): this {
    return this.segment(ms, end, Buffer.concat(messages));
  }

  /** KEEPALIVEs every `every` ms from `from` to before `until`. */
  keepalives(from: number, until: number, every: number, end: End): this {
    for (let ms = from; ms < until; ms += every) this.send(ms, end, keepalive);
    return this;
  }

  acknowledge(ms: number, end: End): this {
    return this.segment(ms, end, none, { flags: 0x10 });
  }

  fin(ms: number, end: End): this {
    return this.segment(ms, end, none, { flags: 0x11 });
  }

  reset(ms: number, end: End): this {
    return this.segment(ms, end, none, { flags: 0x14 });
  }

  /** The three-way handshake, which `opener` begins. */
  handshake(ms: number, opener: End = 'a'): this {
    const other = opener === 'a' ? 'b' : 'a';
    return this.segment(ms, opener, none, { flags: 2 }).segment(ms, other, none, { flags: 0x12 }).acknowledge(ms, opener);
  }

  /** Handshake, OPENs and KEEPALIVEs of both. */
  establish(ms: number, options: { hold?: number; capabilities?: string } = {}): this {
    const { hold = 90, capabilities = '' } = options;
    this.handshake(ms).send(ms, 'a', openOf('a', hold, capabilities)).send(ms, 'b', openOf('b', hold, capabilities));
    return this.send(ms, 'a', keepalive).send(ms, 'b', keepalive).acknowledge(ms, 'a');
  }
}

/** What one tap sees of one session. */
export class Wire {
  private readonly connections: Connection[] = [];
  private end = 0;

  /** A connection that `a` opens from its port unless said otherwise. */
  connection(ports: [number, number] = [40000, 179]): Connection {
    const connection = new Connection(ports);
    this.connections.push(connection);
    return connection;
  }

  /** The capture goes on to `ms`, whether frames come or not. */
  until(ms: number): this {
    this.end = ms;
    return this;
  }

  /** All frames by time, numbered, with a tick every 250 ms. */
  records(): Uint8Array[] {
    const records = this.connections.flatMap((one) => one.records.map((record) => record.slice()));
    records.sort((x, y) => (bootOf(x) < bootOf(y) ? -1 : bootOf(x) > bootOf(y) ? 1 : 0));
    for (const [index, record] of records.entries()) new DataView(record.buffer).setBigUint64(16, BigInt(index + 1), true);
    return withTicks(records, BASE_NS + BigInt(this.end) * 1_000_000n);
  }

  decode(): Tables {
    const frames = handmade(this.records());
    const sink = new RowSink();
    feed(makeInstance(frames), frames.records, sink);
    return sink.tables(codesOf(frames));
  }
}

const at = (time: unknown): string => `@${Math.round(Number((time as bigint) - BASE_NS) / 1e6)}`;
const when = (row: Row): string => {
  const [time, decided] = [at(row['time']), at(row['decided_time'])];
  return `${row['initial'] === true ? ' initial' : ''} ${time}${decided === time ? '' : ` decided ${decided}`}`;
};

/** All rows but names, a line each, table by table in the order of decision; times in ms. */
export function bgpLines(tables: Tables): string[] {
  const of = (table: string): readonly Row[] => tables.get(table) ?? [];
  const sets = new Map(of('path_attributes').map((row) => [row['attributes'], attributesText(row)]));
  return [
    ...of('session_events').map(sessionLine),
    ...of('rib_marks').map((row) => `mark ${String(row['afi_safi'])} of ${String(row['sender'])} ${String(row['mark'])} ${String(row['reason'])} ${String(row['routes'])}${when(row)}`),
    ...of('route_changes').map((row) => {
      const path = row['path_id'] === 0 ? '' : ` id ${String(row['path_id'])}`;
      const set = sets.get(row['attributes']);
      return `route ${String(row['prefix'])}${path} of ${String(row['sender'])} ${String(row['change_class'])}${set === undefined ? '' : ` ${set}`}${when(row)}`;
    }),
    ...of('coverage_events').map((row) => `${String(row['what'])} ${String(row['subject'])} lost ${String(row['lost'])} ${at(row['time'])}`),
    ...troubleLines(tables),
  ];
}

/** `10.0.0.1 -> 10.0.0.2: idle -> connect connection-opened @0`; what a NOTIFICATION said, and what is not as usual. */
function sessionLine(row: Row): string {
  const code = row['code'] === 0 ? '' : ` ${String(row['code'])}/${String(row['subcode'])}`;
  const text = row['shutdown_text'] === '' ? '' : ` "${String(row['shutdown_text'])}"`;
  const source = row['state'] === 'established' ? ` capabilities ${String(row['capability_source'])}` : '';
  const coverage = row['coverage'] === 'full' ? '' : ` coverage ${String(row['coverage'])}`;
  return `${String(row['router'])} -> ${String(row['peer'])}: ${String(row['prev_state'])} -> ${String(row['state'])} ${String(row['reason'])}${code}${text}${source}${coverage}${when(row)}`;
}

/** `igp path 65001 next-hop 10.0.0.1`, and the other attributes that are there. */
function attributesText(row: Row): string {
  const named = [
    ['path', row['as_path_text']], ['next-hop', row['next_hop']], ['link-local', row['next_hop_link_local']], ['med', row['med']],
    ['local-pref', row['local_pref']], ['atomic-aggregate', row['atomic_aggregate'] === true ? 'yes' : ''], ['aggregator', row['aggregator']],
    ['communities', row['communities']], ['large', row['large_communities']], ['extended', row['ext_communities']],
    ['originator', row['originator_id']], ['clusters', row['cluster_list']],
  ] as const;
  const text = named.filter(([, value]) => value !== '' && value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join(',') : String(value)}`);
  return [String(row['origin']), ...text].join(' ');
}
