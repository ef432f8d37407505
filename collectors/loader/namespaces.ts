/** Other network namespaces of this host: the calling thread steps into one for the length of a call. */
import { closeSync, constants, openSync, statSync } from 'node:fs';
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const setns = libc.func('int setns(int fd, int type)');
const CLONE_NEWNET = 0x4000_0000;
const NAMED = '/run/netns/';

/** Path of a namespace: as given where it has a slash, else by the name that `ip netns` gave it. */
export function namespacePath(name: string): string {
  return name.includes('/') ? name : `${NAMED}${name}`;
}

/** A network namespace that is held open. The own one has the name ''. */
export class Namespace {
  readonly name: string;
  readonly #fd: number;
  readonly #own: number | undefined;
  /** Tells one namespace from another, whatever its path. */
  readonly inode: number;

  /** Throws where there is no such namespace. */
  constructor(name: string) {
    this.name = name;
    const path = name === '' ? '/proc/self/ns/net' : namespacePath(name);
    this.#own = name === '' ? undefined : openSync('/proc/self/ns/net', constants.O_RDONLY);
    this.#fd = openSync(path, constants.O_RDONLY);
    this.inode = statSync(path).ino;
  }

  /** Runs `work` in the namespace. It must not wait for anything: the whole thread is there. */
  inside<T>(work: () => T): T {
    if (this.#own === undefined) return work();
    if (setns(this.#fd, CLONE_NEWNET) < 0) {
      throw new Error(`network namespace ${this.name} cannot be entered (errno ${koffi.errno()}): that needs CAP_SYS_ADMIN. `
        + 'Give it to the loader, or run a collector of its own inside that namespace');
    }
    try {
      return work();
    } finally {
      // To go on in the wrong namespace would be worse than to end.
      if (setns(this.#own, CLONE_NEWNET) < 0) process.abort();
    }
  }

  /** Whether its name still leads to it. A namespace that is only held open here is not there for others. */
  isStillThere(): boolean {
    try {
      return statSync(namespacePath(this.name)).ino === this.inode;
    } catch {
      return false;
    }
  }

  close(): void {
    closeSync(this.#fd);
    if (this.#own !== undefined) closeSync(this.#own);
  }
}
