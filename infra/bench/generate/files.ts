/** Writes the bench's two files: one table, as a capture of its session and as MRT. */
import { createWriteStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { join } from 'node:path';
import { writePcapFile } from '../../../collectors/inputs/pcap/write.ts';
import { mrtRecord } from './mrt.ts';
import { sessionPackets } from './session.ts';
import { tableMessages, type TableMessage, type TableOptions } from './updates.ts';

export interface FileOptions extends TableOptions {
  /** TCP data in each packet, bytes; 1460 is what Ethernet carries, more is what a host's own tap sees. */
  readonly segmentBytes: number;
}

/** Of the generator: raise it when the same options give other bytes. */
const VERSION = 1;

/** What was made, with sizes in bytes. */
export interface BenchFiles {
  readonly pcap: string;
  readonly mrt: string;
  readonly prefixes: number;
  /** UPDATEs with prefixes; nearly each has an attribute set of its own. */
  readonly updates: number;
  readonly packets: number;
  readonly pcapBytes: number;
  readonly mrtBytes: number;
}

/** Makes the files in `directory`, or takes those that are there: the same options give the same bytes. */
export async function benchFiles(directory: string, options: FileOptions): Promise<BenchFiles> {
  mkdirSync(directory, { recursive: true });
  const base = join(directory, `table-${options.prefixes}-${options.seed}-${options.segmentBytes}-v${VERSION}`);
  const note = `${base}.json`;
  if (existsSync(note)) return JSON.parse(readFileSync(note, 'utf8')) as BenchFiles;
  const pcap = `${base}.pcap`;
  const mrt = `${base}.mrt`;
  const messages: TableMessage[] = [...tableMessages(options)];
  const packets = await writePcapFile(pcap, sessionPackets(messages.map(({ message }) => message), options.segmentBytes));
  await pipeline(Readable.from(pieces(messages)), createWriteStream(mrt));
  const files: BenchFiles = {
    pcap, mrt, packets,
    prefixes: messages.reduce((sum, message) => sum + message.prefixes, 0),
    updates: messages.filter((message) => message.prefixes > 0).length,
    pcapBytes: statSync(pcap).size,
    mrtBytes: statSync(mrt).size,
  };
  writeFileSync(note, JSON.stringify(files));
  return files;
}

/** MRT records, many to a piece. */
function* pieces(messages: readonly TableMessage[]): Generator<Buffer> {
  for (let at = 0; at < messages.length; at += 4096) {
    yield Buffer.concat(messages.slice(at, at + 4096).map(({ message }) => mrtRecord(message)));
  }
}
