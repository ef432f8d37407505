/** Capture files as commands name them: checked and opened before anything else begins, with progress over their bytes. */
import { statSync } from 'node:fs';
import { type CaptureInputResult, type OpenCapture, openCapture } from '../../collectors/inputs/pcap/index.ts';
import { tapNameOf } from '../../infra/lab/decode.ts';
import { UsageError, complain, progressBar } from './output.ts';
import { timeText } from './time.ts';

/** Says at once which of the files cannot be read. */
export function checkFiles(files: readonly string[]): void {
  if (files.filter((file) => file === '-').length > 1) throw new UsageError('standard input (-) can be read only once');
  if (files.includes('-') && process.stdin.isTTY) throw new UsageError('standard input is a terminal: pipe a capture in, as in tcpdump -w - | routewatch replay -');
  const seen = new Set<string>();
  for (const file of files) {
    if (file === '-') continue;
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined) throw new UsageError(`${file}: no such file`);
    if (found.isDirectory()) throw new UsageError(`${file} is a directory: name the captures in it, as in ${file.replace(/\/$/, '')}/*.pcap`);
    const identity = `${found.dev}/${found.ino}`;
    if (seen.has(identity)) throw new UsageError(`${file} is given twice`);
    seen.add(identity);
  }
}

/** The tap of each file: named in the files' order by `given`, else by the file's base name. */
export function tapNames(files: readonly string[], given: readonly string[]): string[] {
  if (given.length > files.length) throw new UsageError(`--tap gives ${given.length} names for ${files.length} ${files.length === 1 ? 'file' : 'files'}`);
  const names = files.map((file, index) => given[index] ?? tapNameOf(file));
  names.forEach((name, index) => {
    const other = names.indexOf(name);
    if (name === '') throw new UsageError(`the tap of ${files[index]!} has no name: give it one with --tap`);
    if (other < index) throw new UsageError(`${files[other]!} and ${files[index]!} would both be the tap "${name}": name them with one --tap a file, in their order`);
  });
  return names;
}

/** Opens them all; CaptureError names the first that is none. */
export async function openCaptures(files: readonly string[]): Promise<OpenCapture[]> {
  const opened = await Promise.allSettled(files.map((file) => openCapture(file)));
  const failed = opened.find((one) => one.status === 'rejected');
  const captures = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (failed === undefined) return captures;
  await Promise.all(captures.map((capture) => capture.close()));
  throw failed.reason;
}

export interface Progress {
  readonly tell: (packets: number, timeNs: bigint) => void;
  readonly stop: () => void;
}

/** A bar over the files' bytes while they are read; nothing where standard error is no terminal. */
export function readingProgress(what: string, files: readonly string[], captures: readonly OpenCapture[]): Progress {
  const sizes = files.reduce((sum, file) => sum + (file === '-' ? 0 : statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  const bar = progressBar(what, sizes);
  let last = 0;
  return {
    tell: (packets, timeNs) => {
      if (bar === undefined || performance.now() - last < 100) return;
      last = performance.now();
      bar.update(captures.reduce((sum, capture) => sum + (capture.bytesRead?.() ?? 0), 0), { note: `${packets} packets, ${timeText(timeNs).slice(0, 19)}` });
    },
    stop: () => bar?.stop(),
  };
}

/** Names what was wrong with the captures; true if something was. */
export function reportFaults(result: CaptureInputResult): boolean {
  for (const fault of result.faults) complain(`${fault.capture}${fault.offset === undefined ? '' : `, byte ${fault.offset}`}: ${fault.message}`);
  return result.faults.length > 0;
}
