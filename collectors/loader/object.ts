/** Program instances: one for each tap and direction, loaded from one object, sharing one ring, hello table and scratch. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import * as state from '../generated/bpf-state.ts';
import { BpfError, type BpfMap, type BpfObject, checked, lastErrno, libbpf } from './libbpf.ts';

const OBJECT = join(import.meta.dirname, '../../build/bpf/routewatch.bpf.o');
const PROGRAM = 'routewatch';
const LOG_BYTES = 1 << 20;

/** Maps that all instances of a loader share. */
const SHARED = ['ring', 'scratch', 'hellos', 'allowed', 'datagrams', 'wake'] as const;
export type SharedMap = (typeof SHARED)[number];

/** Sizes of the shared maps. */
export interface MapSizes {
  /** Power of two, at least one page. */
  ringBytes: number;
  /** Senders of hellos, over all taps: 120 bytes and more each. */
  hellos: number;
}
export const DEFAULT_SIZES: MapSizes = { ringBytes: 8 << 20, hellos: 16_384 };

/** What one program instance is told; see `struct rw_config` in bpf/state.h. */
export interface InstanceConfig {
  tapId: number;
  /** 1 ingress, 2 egress; 0 where nothing is known (a SPAN port sees both). */
  direction: number;
  /** LINKTYPE_ value: 1 Ethernet, 101 IP, 9 and 50 PPP, 104 Cisco HDLC. */
  linkType: number;
  /** ENCAPSULATION_* bits that are followed. */
  encapsulations: number;
  /** FILTER_* bits: only what `allow` has named passes. */
  filters: number;
  /** Bits 1 << PROTOCOL_*. */
  protocols: number;
  /** An unchanged hello is shipped this often, ns; 0: always. */
  helloShipNs: bigint;
  /** The reader is woken at most this often, ns. */
  wakeIntervalNs: bigint;
}

/** What is followed unless the configuration says otherwise: IS-IS, OSPF and BGP, native, in VLAN, QinQ and MPLS. */
export const DEFAULT_INSTANCE: InstanceConfig = {
  tapId: 0, direction: 1, linkType: 1,
  encapsulations: state.ENCAPSULATION_VLAN | state.ENCAPSULATION_QINQ | state.ENCAPSULATION_MPLS,
  filters: 0, protocols: 0b11110, helloShipNs: 60_000_000_000n, wakeIntervalNs: 2_000_000n,
};

/** A loaded program: descriptors that stay open until `close`. */
export interface Instance {
  readonly programFd: number;
  readonly countersFd: number;
  close(): void;
}

/** The maps that every instance shares, and what it takes to load instances with them. */
export class BpfLoader {
  readonly #path: string;
  readonly #sizes: MapSizes;
  readonly #seed = randomBytes(8);
  readonly #shared = new Map<SharedMap, number>();
  readonly #owner: BpfObject;

  /** Loads the object once and keeps its maps. Throws with what to do where the object, libbpf or the permission is missing. */
  constructor(options: { path?: string; sizes?: Partial<MapSizes> } = {}) {
    this.#path = options.path ?? OBJECT;
    this.#sizes = { ...DEFAULT_SIZES, ...options.sizes };
    if (!existsSync(this.#path)) {
      throw new Error(`${this.#path} is not there. Where clang is: node infra/dev/build-bpf.ts builds it; a package of RouteWatch brings it`);
    }
    this.#owner = this.#open();
    this.#configure(this.#owner, DEFAULT_INSTANCE);
    const api = libbpf();
    api.setMaxEntries(this.#map(this.#owner, 'ring'), this.#sizes.ringBytes);
    api.setMaxEntries(this.#map(this.#owner, 'hellos'), this.#sizes.hellos);
    api.setMaxEntries(this.#map(this.#owner, 'scratch'), checked('number of CPUs', api.possibleCpus()));
    this.#load(this.#owner);
    for (const name of SHARED) this.#shared.set(name, api.mapFd(this.#map(this.#owner, name)));
  }

  get ringBytes(): number {
    return this.#sizes.ringBytes;
  }

  /** Descriptor of a shared map; it belongs to this loader. */
  mapFd(name: SharedMap): number {
    return this.#shared.get(name)!;
  }

  /** Loads one program; nothing runs it before it is attached. */
  instance(config: Partial<InstanceConfig> = {}): Instance {
    const api = libbpf();
    const object = this.#open();
    try {
      this.#configure(object, { ...DEFAULT_INSTANCE, ...config });
      for (const [name, fd] of this.#shared) checked(`sharing the map ${name}`, api.reuseFd(this.#map(object, name), fd));
      this.#load(object);
    } catch (error) {
      api.close(object);
      throw error;
    }
    const programFd = api.programFd(api.findProgram(object, PROGRAM));
    return { programFd, countersFd: api.mapFd(this.#map(object, 'counters')), close: () => api.close(object) };
  }

  /** Lets a VLAN, GRE key or VNI pass the filters of all instances. */
  allow(filter: number, value: number): void {
    const key = Buffer.alloc(state.ALLOWED_BYTES);
    key.writeUInt32LE(filter, state.ALLOWED_FILTER);
    key.writeUInt32LE(value, state.ALLOWED_VALUE);
    checked('the list of what passes', libbpf().update(this.mapFd('allowed'), key, Buffer.from([1]), 0));
  }

  /** Frees the shared maps; instances that are still attached keep theirs. */
  close(): void {
    libbpf().close(this.#owner);
  }

  #open(): BpfObject {
    const object = libbpf().openFile(this.#path, null) as BpfObject | null;
    if (object === null) throw new BpfError(`${this.#path} cannot be read as a BPF object`, lastErrno());
    return object;
  }

  #map(object: BpfObject, name: string): BpfMap {
    const map = libbpf().findMap(object, name) as BpfMap | null;
    if (map === null) throw new Error(`${this.#path} has no map ${name}: it is of another version; build it again: node infra/dev/build-bpf.ts`);
    return map;
  }

  #configure(object: BpfObject, config: InstanceConfig): void {
    const knobs = Buffer.alloc(state.CONFIG_BYTES);
    this.#seed.copy(knobs, state.CONFIG_SEED);
    knobs.writeBigUInt64LE(config.helloShipNs, state.CONFIG_HELLO_SHIP_NS);
    knobs.writeBigUInt64LE(config.wakeIntervalNs, state.CONFIG_WAKE_INTERVAL_NS);
    knobs.writeUInt32LE(config.linkType, state.CONFIG_LINK_TYPE);
    knobs.writeUInt32LE(config.encapsulations, state.CONFIG_ENCAPSULATIONS);
    knobs.writeUInt32LE(config.filters, state.CONFIG_FILTERS);
    knobs.writeUInt32LE(config.protocols, state.CONFIG_PROTOCOLS);
    knobs.writeUInt16LE(config.tapId, state.CONFIG_TAP_ID);
    knobs.writeUInt8(config.direction, state.CONFIG_DIRECTION);
    const map = this.#map(object, '.rodata.config');
    checked('the configuration (an object of another version? node infra/dev/build-bpf.ts builds it again)',
      libbpf().setInitialValue(map, knobs, knobs.length));
  }

  /** Loads; where the verifier refuses, the end of its log is in the error. */
  #load(object: BpfObject): void {
    const api = libbpf();
    const log = Buffer.alloc(LOG_BYTES);
    checked('the verifier\'s log', api.setLog(api.findProgram(object, PROGRAM), log, log.length));
    const result = api.load(object);
    if (result >= 0) return;
    const text = log.toString('utf8', 0, log.indexOf(0)).trimEnd().split('\n').slice(-20).join('\n');
    throw new BpfError(`the kernel did not take the filter${text === '' ? '' : `:\n${text}\n`}`, -result);
  }
}

/** The counters of an instance by name, added up over the CPUs. */
export function readCounters(countersFd: number): Record<(typeof state.COUNTER_NAMES)[number], bigint> {
  const api = libbpf();
  const cpus = checked('number of CPUs', api.possibleCpus());
  const bytes = state.COUNTERS * 8;
  const values = Buffer.alloc(bytes * cpus);
  checked('the counters', api.lookup(countersFd, Buffer.alloc(4), values));
  return Object.fromEntries(state.COUNTER_NAMES.map((name, index) => {
    let sum = 0n;
    for (let cpu = 0; cpu < cpus; cpu++) sum += values.readBigUInt64LE(cpu * bytes + index * 8);
    return [name, sum];
  })) as Record<(typeof state.COUNTER_NAMES)[number], bigint>;
}

/** Closes a descriptor that may be closed already. */
export function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It was.
  }
}
