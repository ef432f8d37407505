/** Where RouteWatch's time goes, in one fresh process: `node infra/bench/phases.ts FILE` prints JSON. */
import { openCapture } from '../../collectors/inputs/pcap/index.ts';
import { DecoderInstance, ShadowSet, loadModule, registry } from '../../decoders-wasm/contract/host.ts';
import { LinkClassifier } from '../../decoders-wasm/contract/link-classifier.ts';
import type { FrameBatch } from '../../stream/contract/frame-batch.ts';
import { decodeCaptures } from '../lab/decode.ts';

const BGP = 4;
const MEMORY_LIMIT = 2 ** 31 - 65536;
/** Counter of the memory committed, bytes (contract/abi.ts). */
const MEMORY = 3;

/** CPU ms of each part (all threads of the process), and what the decoder's memory holds. */
export interface Phases {
  /** Capture file to packets. */
  readonly readMs: number;
  /** Capture file to frame records: with the link module. */
  readonly classifyMs: number;
  /** Capture file to frame batches, encoded and decoded as the log would have them. */
  readonly batchMs: number;
  /** Frame batches to rows: the host, bgp.wasm, the copies out. */
  readonly decodeMs: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly memoryBefore: number;
  readonly memoryAfter: number;
}

async function measure(file: string): Promise<Phases> {
  const readMs = await cpu(async () => {
    for await (const packets of (await openCapture(file)).packets) void packets;
  });
  const classifyMs = await cpu(async () => {
    const link = LinkClassifier.load();
    for await (const packets of (await openCapture(file)).packets) link.classify(packets, 0);
  });
  const batches: FrameBatch[] = [];
  const batchMs = await cpu(async () => {
    await decodeCaptures([file], { onBatch: (batch) => { batches.push(batch); } }, () => undefined);
  });
  const modules = registry.map(loadModule);
  const bgp = modules.find((module) => module.protocol === BGP)!;
  const memoryBefore = Number(new DecoderInstance({ name: 'bgp', module: bgp.module, seed: 1n, memoryLimitBytes: MEMORY_LIMIT }).counter(MEMORY));
  const set = new ShadowSet({ modules, seed: 1n, memoryLimitBytes: MEMORY_LIMIT });
  let rows = 0;
  let rowBytes = 0;
  const decodeMs = await cpu(async () => {
    batches.forEach((batch, offset) => {
      const stretch = set.process(BigInt(offset), batch);
      for (const block of stretch.blocks) {
        rows += block.rows;
        rowBytes += block.bytes.length;
      }
      set.giveBack(stretch);
    });
  });
  return { readMs, classifyMs, batchMs, decodeMs, rows, rowBytes, memoryBefore, memoryAfter: Number(set.of(BGP)!.counter(MEMORY)) };
}

async function cpu(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

process.stdout.write(`${JSON.stringify(await measure(process.argv[2]!))}\n`);
