/** Reads an events partition and tells what counts: claims, valid records, repeats; anything else stops the reader. */
import { type EventsRecord, type ModuleHashes, type Position, decodeEventsRecord } from './events-record.ts';
import type { LogRecord } from './log.ts';
import { RecordError } from './record.ts';

/** A record that is neither valid nor a whole repeat: the log needs a person. */
export class EventsOrderError extends Error {
  override readonly name = 'EventsOrderError';
}

/** An events record with its place in the log. */
export interface PlacedRecord {
  readonly offset: bigint;
  readonly record: EventsRecord;
}

export const startPosition: Position = { offset: '0', rows: 0 };

/**
 * A record counts when it was written by the owner of the last claim before it and begins where the last one that
 * counts ended (STREAM section 5). A zombie's records are passed over; a whole repeat is dropped.
 * Where retention has taken the log's beginning, `joins` makes it go on from the first record of rows that is there:
 * whose it is and where it begins is then believed.
 */
export class EventsReader {
  private readonly name: string;
  private owner: string | undefined;
  /** End of the last record that counts. */
  end: Position = startPosition;
  /** Modules in force at `end`; undefined where reading began amid the log and nothing has said so yet. */
  modules: ModuleHashes | undefined;
  /** Frames before this offset are known to be gone. */
  private lostUpTo = 0n;
  /** The first record of rows that comes sets owner and position. */
  private joining: boolean;
  /** Claims seen, by owner in order. */
  readonly owners: string[] = [];
  /** Records of fenced owners, and whole repeats, that were passed over. */
  passedOver = 0;

  constructor(name: string, from?: { readonly owner: string; readonly end: Position; readonly modules?: ModuleHashes }, joins = false) {
    this.name = name;
    this.joining = joins;
    this.owner = from?.owner;
    this.end = from?.end ?? startPosition;
    this.modules = from?.modules;
  }

  /** The record if it counts (claims do), else undefined; throws EventsOrderError or RecordError. */
  take(logged: LogRecord): PlacedRecord | undefined {
    const record = this.decode(logged);
    const { header } = record;
    if (header.kind === 'claim') {
      this.owner = header.owner;
      this.owners.push(header.owner);
      if (logged.offset === 0n) this.modules = header.modules;
      return { offset: logged.offset, record };
    }
    if (this.joining) {
      this.joining = false;
      this.owner ??= header.owner;
      if (this.owner === header.owner) this.end = header.begin;
      else this.joining = true;
    }
    if (header.owner !== this.owner) return this.passOver();
    if (header.kind === 'upgrade') return this.takeUpgrade(logged, record);
    if (samePosition(header.begin, this.end)) {
      // A loss may move no position: a repeat of it is told by what it says.
      if (header.lostUpTo !== undefined && samePosition(header.begin, header.end) && BigInt(header.lostUpTo) <= this.lostUpTo) return this.passOver();
      this.lostUpTo = BigInt(header.lostUpTo ?? this.lostUpTo);
      this.end = header.end;
      return { offset: logged.offset, record };
    }
    if (!before(this.end, header.end)) return this.passOver();
    throw new EventsOrderError(`${this.name} offset ${logged.offset}: the record covers ${text(header.begin)} to ${text(header.end)}, but the last one ended at ${text(this.end)}`);
  }

  /** An upgrade counts at the end of the last record, out of the modules in force; where its modules are in force it is a repeat. */
  private takeUpgrade({ offset }: LogRecord, record: EventsRecord): PlacedRecord | undefined {
    const { begin, upgrade } = record.header;
    if (upgrade === undefined) throw new EventsOrderError(`${this.name} offset ${offset}: the upgrade does not say from which modules to which`);
    if (this.modules !== undefined && sameModules(this.modules, upgrade.to)) return this.passOver();
    if (!samePosition(begin, this.end) || (this.modules !== undefined && !sameModules(this.modules, upgrade.from))) {
      throw new EventsOrderError(`${this.name} offset ${offset}: the upgrade stands at ${text(begin)} and leaves ${modulesText(upgrade.from)}, `
        + `but the last record ended at ${text(this.end)} and ${modulesText(this.modules ?? {})} are in force`);
    }
    this.modules = upgrade.to;
    return { offset, record };
  }

  private passOver(): undefined {
    this.passedOver += 1;
    return undefined;
  }

  private decode(logged: LogRecord): EventsRecord {
    try {
      return decodeEventsRecord(logged.value);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      throw new RecordError(`${this.name} offset ${logged.offset}: ${error.message}`, { cause: error });
    }
  }
}

/** Whether two positions are one. */
export function samePosition(a: Position, b: Position): boolean {
  return a.offset === b.offset && a.rows === b.rows;
}

/** Whether two sets of modules are the same. */
export function sameModules(a: ModuleHashes, b: ModuleHashes): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function modulesText(modules: ModuleHashes): string {
  return Object.entries(modules).map(([name, hash]) => `${name} ${hash.slice(0, 12)}`).join(', ') || 'no modules';
}

function before(a: Position, b: Position): boolean {
  return BigInt(a.offset) < BigInt(b.offset) || (a.offset === b.offset && a.rows < b.rows);
}

function text(position: Position): string {
  return position.rows === 0 ? position.offset : `${position.offset}+${position.rows}`;
}
