/** For tests: two network namespaces joined by a veth pair, raw frames sent in one of them, what is attached to interfaces. */
import { execFileSync, spawnSync } from 'node:child_process';
import koffi from 'koffi';
import { whyNot as whyNoBpf } from '../../bpf/testing.ts';
import { libbpf } from './libbpf.ts';
import { listLinks } from './netlink.ts';
import { Namespace } from './namespaces.ts';

/** Why live tests cannot run here; undefined where they can. */
export function whyNotLive(): string | undefined {
  const bpf = whyNoBpf();
  if (bpf !== undefined) return bpf;
  if (spawnSync('ip', ['-V']).status !== 0) return 'there is no ip command (iproute2)';
  const name = `rwprobe${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (made.status !== 0) return `no network namespace can be made: ${made.stderr.trim()}`;
  spawnSync('ip', ['netns', 'del', name]);
  return undefined;
}

export function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

let made = 0;

/** Namespaces `left` and `right`, each with an end of one veth pair named `tap0` and `far0`. */
export class VethPair {
  readonly left: string;
  readonly right: string;

  constructor(mtu = 1500) {
    const base = `rw${process.pid}x${made++}`;
    this.left = `${base}l`;
    this.right = `${base}r`;
    ip('netns', 'add', this.left);
    ip('netns', 'add', this.right);
    ip('-n', this.left, 'link', 'add', 'tap0', 'mtu', String(mtu), 'type', 'veth', 'peer', 'name', 'far0', 'mtu', String(mtu), 'netns', this.right);
    for (const [namespace, name] of [[this.left, 'tap0'], [this.right, 'far0']] as const) {
      // No neighbour discovery in between: only what a test sends is there.
      execFileSync('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', `net.ipv6.conf.${name}.disable_ipv6=1`]);
      ip('-n', namespace, 'link', 'set', name, 'up');
      ip('-n', namespace, 'link', 'set', 'lo', 'up');
    }
  }

  /** Sends frames from the right end, as they are. */
  send(frames: readonly Uint8Array[], { headerBytes = 0, at = 'right' as 'left' | 'right' } = {}): void {
    const namespace = new Namespace(at === 'right' ? this.right : this.left);
    namespace.inside(() => { sendFrames(at === 'right' ? 'far0' : 'tap0', frames, headerBytes); });
    namespace.close();
  }

  close(): void {
    for (const name of [this.left, this.right]) spawnSync('ip', ['netns', 'del', name]);
  }
}

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const sendTo = libc.func('long sendto(int fd, const void *bytes, size_t length, int flags, const void *address, uint32_t addressLength)');
const setOption = libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)');
const close = libc.func('int close(int fd)');
const PACKET_VNET_HDR = 15;

/** With `headerBytes` the kernel keeps only so many bytes in the linear part, the rest in pages. */
export function sendFrames(interfaceName: string, frames: readonly Uint8Array[], headerBytes: number): void {
  const fd = socket(17, 3, 0) as number;
  const address = Buffer.alloc(20);
  address.writeUInt16LE(17, 0);
  address.writeInt32LE(listLinks().find(({ name }) => name === interfaceName)!.index, 4);
  if (headerBytes > 0) setOption(fd, 263, PACKET_VNET_HDR, Buffer.from([1, 0, 0, 0]), 4);
  for (const frame of frames) {
    const before = Buffer.alloc(headerBytes > 0 ? 10 : 0);
    if (headerBytes > 0) before.writeUInt16LE(headerBytes, 2);
    const bytes = Buffer.concat([before, frame]);
    const sent = Number(sendTo(fd, bytes, bytes.length, 0, address, address.length));
    if (sent !== bytes.length) throw new Error(`${frame.length} bytes were not sent: errno ${koffi.errno()}`);
  }
  close(fd);
}

const query = (): ((target: number, type: number, flags: number, attached: null, ids: Buffer, count: Buffer) => number) =>
  koffi.load('libbpf.so.1').func('int bpf_prog_query(int target, int type, uint32_t flags, uint32_t *attached, void *ids, void *count)');

/** Numbers of TCX programs at an interface: ingress, egress. */
export function attachedTcx(namespaceName: string, interfaceName: string): [number, number] {
  libbpf();
  const ask = query();
  const namespace = new Namespace(namespaceName);
  try {
    return namespace.inside(() => {
      const { index } = listLinks().find(({ name }) => name === interfaceName)!;
      return [46, 47].map((type) => {
        const count = Buffer.from([64, 0, 0, 0]);
        ask(index, type, 0, null, Buffer.alloc(256), count);
        return count.readUInt32LE();
      }) as [number, number];
    });
  } finally {
    namespace.close();
  }
}
