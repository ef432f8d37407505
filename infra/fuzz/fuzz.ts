/**
 * Fuzzes every module as it ships: `npm run fuzz -- [--frames N] [--seed N] [--module NAME]`. A module must not trap,
 * must end each batch in time, must stay below its memory cap and must keep its framing.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCapture } from '../../collectors/inputs/pcap/index.ts';
import * as layout from '../../decoders-wasm/contract/generated/frame.ts';
import { DecoderInstance, type LoadedModule, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { LinkClassifier, type LinkPacket } from '../../decoders-wasm/contract/link-classifier.ts';
import { decodeCaptures } from '../lab/decode.ts';
import { mutate, Random } from './mutate.ts';

const captures = join(import.meta.dirname, '..', 'lab', 'captures');
const MEMORY_LIMIT = 64 << 20;
const FRAMES_A_BATCH = 500;
/** A batch that takes longer has found a loop, ms. */
const MOST_BATCH_MS = 5000;

export interface FuzzResult {
  readonly module: string;
  readonly frames: number;
  readonly rows: number;
  readonly memoryBytes: number;
  readonly slowestBatchMs: number;
  /** Export and import into a fresh instance that were done on the way. */
  readonly reloads: number;
  /** Exports that memory at its cap refused: clean, and nothing lost. */
  readonly refusedExports: number;
}

function captureFiles(): string[] {
  return readdirSync(captures, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.pcap')).map((name) => join(captures, name)).toSorted();
}

/** Frame records of one protocol from the shipped captures. */
async function seedFrames(protocol: number): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  for (const file of captureFiles()) {
    await decodeCaptures([file], { onBatch: (batch) => {
      const view = new DataView(batch.frames.buffer, batch.frames.byteOffset, batch.frames.length);
      for (let at = 0; at < batch.frames.length; at += view.getUint32(at, true)) {
        if (view.getUint8(at + layout.FRAME_PROTOCOL) === protocol) frames.push(batch.frames.slice(at, at + view.getUint32(at, true)));
      }
    } }, () => undefined);
  }
  if (frames.length === 0) throw new Error(`no shipped capture has frames of protocol ${protocol}`);
  return frames;
}

/** Runs `count` mutated frames through a decoder; throws with seed and batch on the first fault. */
export async function fuzzDecoder(module: LoadedModule, count: number, seed: number): Promise<FuzzResult> {
  const random = new Random(seed);
  const seeds = await seedFrames(module.protocol);
  let instance = fresh(module, 1n);
  let rows = 0;
  let clock = 1_700_000_000_000_000_000n;
  let slowestBatchMs = 0;
  let memoryBytes = 0;
  let reloads = 0;
  let refusedExports = 0;
  const drain = (drained: { readonly blocks: readonly { readonly rows: number }[] }): void => { for (const block of drained.blocks) rows += block.rows; };
  for (let done = 0; done < count; done += FRAMES_A_BATCH) {
    const batch: Uint8Array[] = [];
    for (let i = 0; i < FRAMES_A_BATCH; i++) {
      clock += BigInt(random.below(20) === 0 ? random.below(2_000_000_000) : random.below(2_000_000));
      batch.push(mutatedFrame(seeds, random, clock, done + i));
    }
    const began = performance.now();
    try {
      instance.process(BigInt(done), 0, new Uint8Array(Buffer.concat(batch)), drain);
      instance.tick(layout.TAP_ALL, clock, drain);
      if (random.below(200) === 0) {
        const again = reloaded(module, instance, BigInt(random.next()));
        if (again === undefined) refusedExports += 1;
        else {
          instance = again;
          reloads += 1;
        }
      }
    } catch (error) {
      throw new Error(`${module.name}: batch at frame ${done} of seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
    slowestBatchMs = Math.max(slowestBatchMs, performance.now() - began);
    memoryBytes = Math.max(memoryBytes, Number(instance.counter(3)));
    if (slowestBatchMs > MOST_BATCH_MS) throw new Error(`${module.name}: the batch at frame ${done} of seed ${seed} took ${slowestBatchMs.toFixed(0)} ms`);
    if (memoryBytes > MEMORY_LIMIT) throw new Error(`${module.name}: ${memoryBytes} bytes of memory at frame ${done} of seed ${seed}; the cap is ${MEMORY_LIMIT}`);
  }
  return { module: module.name, frames: count, rows, memoryBytes, slowestBatchMs, reloads, refusedExports };
}

/** A fresh instance with the state of the old one; undefined when memory at its cap refused the export. */
function reloaded(module: LoadedModule, old: DecoderInstance, seed: bigint): DecoderInstance | undefined {
  let state: Uint8Array;
  try {
    state = old.exportState();
  } catch (error) {
    if (error instanceof Error && error.message.includes('memory refused the export')) return undefined;
    throw error;
  }
  const instance = fresh(module, seed);
  instance.importState(state);
  return instance;
}

function fresh(module: LoadedModule, seed: bigint): DecoderInstance {
  const instance = new DecoderInstance({ name: module.name, module: module.module, seed, memoryLimitBytes: MEMORY_LIMIT });
  for (let code = 0; code < 4; code++) instance.addTap(code, new Uint8Array(16).fill(code + 1), 0n);
  for (let code = 0; code < 16; code++) instance.addContext(code, code >> 1, code, new Uint8Array(16).fill(code + 1));
  return instance;
}

function mutatedFrame(seeds: readonly Uint8Array[], random: Random, clock: bigint, number: number): Uint8Array {
  const seed = seeds[random.below(seeds.length)]!;
  const view = new DataView(seed.buffer, seed.byteOffset, seed.length);
  const captured = view.getUint32(layout.FRAME_CAPTURED_LENGTH, true);
  const raw = seed.subarray(layout.FRAME_BYTES, layout.FRAME_BYTES + captured);
  const payload = view.getUint16(layout.FRAME_PAYLOAD_OFFSET, true);
  const other = seeds[random.below(seeds.length)]!.subarray(layout.FRAME_BYTES);
  const bytes = random.below(10) === 0 ? raw : mutate(raw, random, payload, 9000, other);
  const frame = new Uint8Array(Math.ceil((layout.FRAME_BYTES + bytes.length) / 8) * 8);
  frame.set(seed.subarray(0, layout.FRAME_BYTES));
  frame.set(bytes, layout.FRAME_BYTES);
  const header = new DataView(frame.buffer);
  header.setUint32(layout.FRAME_LENGTH, frame.length, true);
  header.setUint32(layout.FRAME_CAPTURED_LENGTH, bytes.length, true);
  header.setUint32(layout.FRAME_ORIGINAL_LENGTH, bytes.length, true);
  header.setUint16(layout.FRAME_PAYLOAD_OFFSET, Math.min(payload, bytes.length), true);
  if (random.below(3) !== 0) header.setUint32(layout.FRAME_PAYLOAD_LENGTH, Math.max(0, bytes.length - payload), true);
  else header.setUint32(layout.FRAME_PAYLOAD_LENGTH, random.below(70_000), true);
  header.setUint16(layout.FRAME_TAP_ID, random.below(4), true);
  header.setUint32(layout.FRAME_KEY_INDEX, random.below(16), true);
  header.setBigUint64(layout.FRAME_BOOT_NS, clock, true);
  header.setBigUint64(layout.FRAME_FRAME_NUMBER, BigInt(number + 1), true);
  return frame;
}

/** Runs `count` mutated packets through the classifier and checks each record that it writes. */
export async function fuzzLink(count: number, seed: number): Promise<FuzzResult> {
  const random = new Random(seed);
  const seeds: { data: Uint8Array; linkType: number }[] = [];
  for (const file of captureFiles()) {
    for await (const packets of (await openCapture(file)).packets) for (const packet of packets) seeds.push({ data: packet.data.slice(), linkType: packet.linkType });
  }
  const linkTypes = [0, 1, 9, 12, 50, 101, 104, 108, 113, 228, 229, 276];
  const classifier = LinkClassifier.load({ memoryLimitBytes: MEMORY_LIMIT });
  let records = 0;
  let slowestBatchMs = 0;
  for (let done = 0; done < count; done += FRAMES_A_BATCH) {
    const packets: LinkPacket[] = Array.from({ length: FRAMES_A_BATCH }, (_, i) => {
      const source = seeds[random.below(seeds.length)]!;
      const data = mutate(source.data, random, 0, 9000, seeds[random.below(seeds.length)]!.data);
      const linkType = random.below(4) === 0 ? linkTypes[random.below(linkTypes.length)]! : source.linkType;
      return { timeNs: BigInt(done + i) * 1_000_000n, linkType, originalLength: data.length, data, packetNumber: done + i + 1 };
    });
    const began = performance.now();
    const out = classifier.classify(packets, random.below(4));
    slowestBatchMs = Math.max(slowestBatchMs, performance.now() - began);
    if (slowestBatchMs > MOST_BATCH_MS) throw new Error(`link: the batch at packet ${done} of seed ${seed} took ${slowestBatchMs.toFixed(0)} ms`);
    records += checkRecords(out, done, seed);
  }
  return { module: 'link', frames: count, rows: records, memoryBytes: classifier.counters().memoryBytes, slowestBatchMs, reloads: 0, refusedExports: 0 };
}

function checkRecords(out: Uint8Array, done: number, seed: number): number {
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  let records = 0;
  for (let at = 0; at < out.length; records++) {
    const length = view.getUint32(at, true);
    const captured = view.getUint32(at + layout.FRAME_CAPTURED_LENGTH, true);
    const payload = view.getUint16(at + layout.FRAME_PAYLOAD_OFFSET, true);
    if (length % 8 !== 0 || length < layout.FRAME_BYTES + captured || at + length > out.length || payload > captured) {
      throw new Error(`link: record ${records} of the batch at packet ${done} of seed ${seed} has length ${length}, captured ${captured}, payload at ${payload}`);
    }
    at += length;
  }
  return records;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { frames: { type: 'string', default: '20000000' }, seed: { type: 'string' }, module: { type: 'string' } } });
  const seed = values.seed === undefined ? Date.now() & 0x7fffffff : Number(values.seed);
  const frames = Number(values.frames);
  console.log(`seed ${seed}, ${frames} frames a module`);
  if (values.module === undefined || values.module === 'link') console.log(await fuzzLink(frames, seed));
  for (const module of registry.map(loadModule)) {
    if (values.module === undefined || values.module === module.name) console.log(await fuzzDecoder(module, frames, seed));
  }
}

if (import.meta.main) await main();
