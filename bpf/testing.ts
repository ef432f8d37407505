/** For tests: the kernel program run over given frames by BPF_PROG_RUN, and what it wrote to its ring. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Counters, readCounters } from '../collectors/loader/counters.ts';
import { Ring } from '../collectors/inputs/ebpf/ring.ts';
import { libbpf } from '../collectors/loader/libbpf.ts';
import { BpfLoader, type Instance, type InstanceConfig, type MapSizes } from '../collectors/loader/object.ts';
import koffi from 'koffi';

/** What BPF_PROG_RUN takes: an Ethernet header at least, a page less what the kernel needs around it at most. */
export const LEAST_RUN_BYTES = 14;
export const MOST_RUN_BYTES = 3712;

/** Why the program cannot run here; undefined where it can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (!existsSync(join(import.meta.dirname, '../build/bpf/routewatch.bpf.o'))) return 'build/bpf/routewatch.bpf.o is not built (clang is missing?)';
  try {
    new BpfLoader({ sizes: { ringBytes: 4096 } }).close();
    return undefined;
  } catch (error) {
    return `the kernel does not load it here: ${(error as Error).message.split('\n')[0]}`;
  }
}

/** Whether BPF_PROG_RUN takes the frame: it wants the header that an EtherType of IP promises. */
export function isRunnable(frame: Uint8Array): boolean {
  const type = frame.length < LEAST_RUN_BYTES ? 0 : frame[12]! << 8 | frame[13]!;
  const least = type === 0x0800 ? 34 : type === 0x86dd ? 54 : LEAST_RUN_BYTES;
  return frame.length >= least && frame.length <= MOST_RUN_BYTES;
}

// struct bpf_test_run_opts of libbpf, 64 bit
const OPTS_BYTES = 80;
const DATA_IN = 8;
const DATA_OUT = 16;
const DATA_SIZE_IN = 24;
const DATA_SIZE_OUT = 28;
const REPEAT = 60;
const RETVAL = 56;
const DURATION = 64;

/** One run: the program's verdict, the packet as it left it, ns a run over `repeat` runs. */
export interface Run { verdict: number; packet: Uint8Array; durationNs: number }

/** One program instance with a ring of its own. */
export class Bench {
  readonly loader: BpfLoader;
  readonly instance: Instance;
  readonly ring: Ring;
  readonly #opts = Buffer.alloc(OPTS_BYTES);
  readonly #in = Buffer.alloc(4096);
  readonly #out = Buffer.alloc(8192);
  readonly #offsets = new Uint32Array(65_536);

  constructor(config: Partial<InstanceConfig> = {}, sizes: Partial<MapSizes> = {}) {
    this.loader = new BpfLoader({ sizes: { ringBytes: 16 << 20, ...sizes } });
    this.instance = this.loader.instance({ helloShipNs: 0n, ...config });
    this.ring = new Ring(this.loader.mapFd('ring'), this.loader.ringBytes);
    this.#opts.writeBigUInt64LE(BigInt(OPTS_BYTES), 0);
    this.#opts.writeBigUInt64LE(koffi.address(this.#in), DATA_IN);
    this.#opts.writeBigUInt64LE(koffi.address(this.#out), DATA_OUT);
  }

  /** Runs the program, or another, over a frame of LEAST_RUN_BYTES to MOST_RUN_BYTES. */
  run(frame: Uint8Array, repeat = 1, programFd = this.instance.programFd): Run {
    this.#in.set(frame);
    this.#opts.writeUInt32LE(frame.length, DATA_SIZE_IN);
    this.#opts.writeUInt32LE(this.#out.length, DATA_SIZE_OUT);
    this.#opts.writeInt32LE(repeat, REPEAT);
    const result = libbpf().testRun(programFd, this.#opts);
    if (result < 0) throw new Error(`BPF_PROG_RUN over ${frame.length} bytes: errno ${-result}`);
    return {
      verdict: this.#opts.readInt32LE(RETVAL),
      packet: this.#out.subarray(0, this.#opts.readUInt32LE(DATA_SIZE_OUT)),
      durationNs: this.#opts.readUInt32LE(DURATION),
    };
  }

  /** Copies of the records since the last call, acknowledged. */
  records(): Uint8Array[] {
    const records: Uint8Array[] = [];
    for (let count = -1; count !== 0;) {
      count = this.ring.read(this.#offsets);
      for (const at of this.#offsets.subarray(0, count)) records.push(this.ring.bytes.slice(at, at + this.ring.view.getUint32(at, true)));
      this.ring.acknowledge(this.ring.position);
    }
    return records;
  }

  counters(): Counters {
    return readCounters(this.loader.mapFd('counters'), 0);
  }

  close(): void {
    this.ring.close();
    this.instance.close();
    this.loader.close();
  }
}
