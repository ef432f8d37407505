/** What outlives the loader: shared maps and links, pinned in a directory of a BPF file system. Names say what they are. */
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmdirSync, statfsSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import koffi from 'koffi';
import { STATE_VERSION } from '../generated/bpf-state.ts';
import type { Direction } from './attach.ts';
import { checked, libbpf } from './libbpf.ts';
import { type KeptMaps, type MapSizes, SHARED, type SharedMap } from './object.ts';

const BPF_FS_MAGIC = 0xcafe_4a11;
const LOCK_NOW = 6;
const flock = koffi.load('libc.so.6').func('int flock(int fd, int operation)');

/** A pinned link: which tap and direction it is, since when, at which interface. */
export interface PinnedLink {
  tapId: number;
  slot: number;
  direction: Direction;
  index: number;
  openedNs: bigint;
  namespaceInode: number;
  name: string;
}

/** One start's pins. Where sizes and version of the maps are the same, the next start goes on with them. */
export class Pins {
  readonly #directory: string;
  readonly #lock: number;
  /** By what maps are the same: version of their layouts, and sizes. */
  readonly #shape: string;
  #here: string;
  readonly epoch: bigint;
  /** The maps of the start before, where they can be used on. */
  readonly kept: KeptMaps | undefined;

  /** Takes the directory for this process. Throws where it is no BPF file system, or another loader has it. */
  constructor(directory: string, sizes: MapSizes, epoch: bigint) {
    checkFileSystem(directory);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#directory = directory;
    this.#lock = openSync(directory, 'r');
    if (flock(this.#lock, LOCK_NOW) !== 0) {
      this.close();
      throw new Error(`another loader runs with ${directory}. Stop it first: its filter stays in place and its ring keeps what comes, so nothing is missed`);
    }
    this.#shape = `${STATE_VERSION}-${sizes.ringBytes}-${sizes.hellos}-${sizes.slots}`;
    const before = this.epochs().find((name) => name.endsWith(`_${this.#shape}`));
    const [, at, seed] = /^e(\d+)_([0-9a-f]{16})_/.exec(before ?? '') ?? [];
    this.epoch = at === undefined ? epoch : BigInt(at);
    this.#here = before ?? '';
    this.kept = before === undefined ? undefined : { seed: Buffer.from(seed!, 'hex'), fds: this.#openMaps(before) };
  }

  /** Pins the shared maps of a first start. */
  pinMaps(seed: Buffer, mapFd: (name: SharedMap) => number): void {
    if (this.kept !== undefined) return;
    this.#here = `e${this.epoch}_${seed.toString('hex')}_${this.#shape}`;
    mkdirSync(join(this.#directory, this.#here), { mode: 0o700 });
    for (const name of SHARED) checked(`pinning the map ${name}`, libbpf().objectPin(mapFd(name), join(this.#directory, this.#here, name)) as number);
  }

  pinLink(link: PinnedLink, fd: number): void {
    checked(`pinning the filter of ${link.name}`, libbpf().objectPin(fd, join(this.#directory, this.#here, linkName(link))) as number);
  }

  unpinLink(link: PinnedLink): void {
    unlinkQuietly(join(this.#directory, this.#here, linkName(link)));
  }

  hasLink(link: PinnedLink): boolean {
    return existsSync(join(this.#directory, this.#here, linkName(link)));
  }

  links(): PinnedLink[] {
    return linksIn(join(this.#directory, this.#here));
  }

  /** Descriptor of a pinned link, the caller's to close. */
  openLink(link: PinnedLink, path = join(this.#directory, this.#here, linkName(link))): number {
    return checked(`the pinned filter of ${link.name}`, libbpf().objectGet(path) as number);
  }

  /** The links of starts whose maps this one does not use, each with its path: to be replaced, so that no frame is seen twice. */
  otherLinks(): { link: PinnedLink; path: string }[] {
    return this.epochs().filter((name) => name !== this.#here).flatMap((epoch) => {
      const directory = join(this.#directory, epoch);
      return linksIn(directory).map((link) => ({ link, path: join(directory, linkName(link)) }));
    });
  }

  /** Takes away the pins of starts whose maps this one does not use: their filters end. */
  dropOthers(): void {
    for (const name of this.epochs()) if (name !== this.#here) removeTree(join(this.#directory, name));
  }

  epochs(): string[] {
    return readdirSync(this.#directory).filter((name) => name.startsWith('e')).toSorted();
  }

  close(): void {
    closeSync(this.#lock);
  }

  #openMaps(name: string): Map<SharedMap, number> {
    return new Map(SHARED.map((map) => [map, checked(`the pinned map ${map}`, libbpf().objectGet(join(this.#directory, name, map)) as number)]));
  }
}

/** Takes away all pins below a directory; gives the names of the interfaces whose filter ended so. */
export function removePins(directory: string): string[] {
  let epochs: string[];
  try {
    epochs = readdirSync(directory).filter((name) => name.startsWith('e'));
  } catch {
    return [];
  }
  const names = epochs.flatMap((epoch) => linksIn(join(directory, epoch)).map(({ name }) => name));
  for (const epoch of epochs) removeTree(join(directory, epoch));
  rmdirSync(directory);
  return [...new Set(names)];
}

function checkFileSystem(directory: string): void {
  let at = directory;
  for (let i = 0; i < 32; i++) {
    try {
      if (statfsSync(at).type === BPF_FS_MAGIC) return;
      break;
    } catch {
      at = dirname(at);
    }
  }
  throw new Error(`${directory} is on no BPF file system, so nothing can be pinned there. Mount one: mount -t bpf bpf /sys/fs/bpf`);
}

// t<tap>_<direction>_<slot>_<interface index>_<opened>_<namespace inode>_<name in hex>: dots are reserved there.
function linkName(link: PinnedLink): string {
  return `t${link.tapId}_${link.direction}_${link.slot}_${link.index}_${link.openedNs}_${link.namespaceInode}_${Buffer.from(link.name).toString('hex')}`;
}

function linksIn(directory: string): PinnedLink[] {
  // Somebody may have detached by hand.
  if (!existsSync(directory)) return [];
  return readdirSync(directory).flatMap((file) => {
    const [, tapId, direction, slot, index, opened, inode, name] = /^t(\d+)_([12])_(\d+)_(\d+)_(\d+)_(\d+)_([0-9a-f]+)$/.exec(file) ?? [];
    return name === undefined ? [] : [{
      tapId: Number(tapId), slot: Number(slot), direction: Number(direction) as Direction, index: Number(index), openedNs: BigInt(opened!),
      namespaceInode: Number(inode), name: Buffer.from(name, 'hex').toString(),
    }];
  });
}

function removeTree(directory: string): void {
  for (const name of readdirSync(directory)) unlinkQuietly(join(directory, name));
  rmdirSync(directory);
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone.
  }
}
