/** Program instances: one for each tap and direction, loaded from one object, sharing one ring, hello table and scratch. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import * as state from '../generated/bpf-state.ts';
import { BpfError, type BpfMap, type BpfObject, checked, lastErrno, libbpf } from './libbpf.ts';

const OBJECT = join(import.meta.dirname, '../../build/bpf/routewatch.bpf.o');
const PROGRAM = 'routewatch';
const LOG_BYTES = 1 << 20;
const MOST_ATTEMPTS = 10;

/** Maps that all instances of a loader share. */
export const SHARED = ['ring', 'scratch', 'counters', 'hellos', 'allowed', 'datagrams', 'wake'] as const;
export type SharedMap = (typeof SHARED)[number];

/** Sizes of the shared maps. */
export interface MapSizes {
  /** Power of two, at least one page. */
  ringBytes: number;
  /** Senders of hellos, over all taps: 120 bytes and more each. */
  hellos: number;
  /** Program instances that have counters: two for each tap. */
  slots: number;
}
export const DEFAULT_SIZES: MapSizes = { ringBytes: 8 << 20, hellos: 16_384, slots: 512 };

/** What one program instance is told; see `struct rw_config` in bpf/state.h. */
export interface InstanceConfig {
  tapId: number;
  /** 1 ingress, 2 egress; 0 where nothing is known (a SPAN port sees both). */
  direction: number;
  /** LINKTYPE_ value: 1 Ethernet, 101 IP, 9 and 50 PPP, 104 Cisco HDLC. */
  linkType: number;
  /** ENCAPSULATION_* bits that are followed. */
  encapsulations: number;
  /** FILTER_* bits: only what `allow` has put on `list` passes. */
  filters: number;
  list: number;
  /** Where the instance counts. */
  slot: number;
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
  filters: 0, list: 0, slot: 0, protocols: 0b11110, helloShipNs: 60_000_000_000n, wakeIntervalNs: 2_000_000n,
};

/** A loaded program: descriptors that stay open until `close`. */
export interface Instance {
  readonly programFd: number;
  close(): void;
}

/** Maps of an earlier loader that this one goes on with: their descriptors, which it takes over, and their hashes' seed. */
export interface KeptMaps {
  seed: Buffer;
  fds: ReadonlyMap<SharedMap, number>;
}

/** The maps that every instance shares, and what it takes to load instances with them. */
export class BpfLoader {
  readonly #path: string;
  readonly #sizes: MapSizes;
  readonly seed: Buffer;
  readonly #shared: ReadonlyMap<SharedMap, number>;
  readonly #release: () => void;

  /** Makes the maps, or takes those that are kept. Throws with what to do where the object, libbpf or the permission is missing. */
  constructor(options: { path?: string; sizes?: Partial<MapSizes>; kept?: KeptMaps } = {}) {
    this.#path = options.path ?? OBJECT;
    this.#sizes = { ...DEFAULT_SIZES, ...options.sizes };
    this.seed = options.kept?.seed ?? randomBytes(8);
    if (!existsSync(this.#path)) {
      throw new Error(`${this.#path} is not there. Where clang is: node infra/dev/build-bpf.ts builds it; a package of RouteWatch brings it`);
    }
    if (options.kept !== undefined) {
      const fds = options.kept.fds;
      this.#shared = fds;
      this.#release = () => { for (const fd of fds.values()) closeSync(fd); };
      return;
    }
    const owner = this.#makeMaps();
    this.#shared = new Map(SHARED.map((name) => [name, libbpf().mapFd(this.#map(owner, name)) as number]));
    this.#release = () => { libbpf().close(owner); };
  }

  /** An object that is loaded for its maps. */
  #makeMaps(): BpfObject {
    const api = libbpf();
    return this.#loaded((object) => {
      this.#configure(object, DEFAULT_INSTANCE);
      api.setMaxEntries(this.#map(object, 'ring'), this.#sizes.ringBytes);
      api.setMaxEntries(this.#map(object, 'hellos'), this.#sizes.hellos);
      api.setMaxEntries(this.#map(object, 'counters'), this.#sizes.slots);
      api.setMaxEntries(this.#map(object, 'scratch'), checked('number of CPUs', api.possibleCpus()));
    });
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
    const object = this.#loaded((opened) => {
      this.#configure(opened, { ...DEFAULT_INSTANCE, ...config });
      for (const [name, fd] of this.#shared) checked(`sharing the map ${name}`, api.reuseFd(this.#map(opened, name), fd));
    });
    return { programFd: api.programFd(api.findProgram(object, PROGRAM)), close: () => api.close(object) };
  }

  /** Lets a VLAN, GRE key or VNI pass the filters of the instances that go by `list`. */
  allow(list: number, filter: number, value: number): void {
    const key = Buffer.alloc(state.ALLOWED_BYTES);
    key.writeUInt32LE(list, state.ALLOWED_LIST);
    key.writeUInt32LE(filter, state.ALLOWED_FILTER);
    key.writeUInt32LE(value, state.ALLOWED_VALUE);
    checked('the list of what passes', libbpf().update(this.mapFd('allowed'), key, Buffer.from([1]), 0));
  }

  /** Lets go of the shared maps; instances that are still attached, and pins, keep them. */
  close(): void {
    this.#release();
  }

  /** Opens, prepares and loads. A signal that comes amid the verifier's work ends it (EAGAIN): it is then begun again. */
  #loaded(prepare: (object: BpfObject) => void): BpfObject {
    for (let attempt = 1; ; attempt++) {
      const object = this.#open();
      try {
        prepare(object);
        this.#load(object);
        return object;
      } catch (error) {
        libbpf().close(object);
        if (!(error instanceof BpfError) || error.code !== 'EAGAIN' || attempt === MOST_ATTEMPTS) throw error;
      }
    }
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
    this.seed.copy(knobs, state.CONFIG_SEED);
    knobs.writeBigUInt64LE(config.helloShipNs, state.CONFIG_HELLO_SHIP_NS);
    knobs.writeBigUInt64LE(config.wakeIntervalNs, state.CONFIG_WAKE_INTERVAL_NS);
    knobs.writeUInt32LE(config.linkType, state.CONFIG_LINK_TYPE);
    knobs.writeUInt32LE(config.encapsulations, state.CONFIG_ENCAPSULATIONS);
    knobs.writeUInt32LE(config.filters, state.CONFIG_FILTERS);
    knobs.writeUInt32LE(config.protocols, state.CONFIG_PROTOCOLS);
    knobs.writeUInt32LE(config.list, state.CONFIG_LIST);
    knobs.writeUInt32LE(config.slot, state.CONFIG_SLOT);
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
