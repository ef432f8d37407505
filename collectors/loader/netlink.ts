/** The interfaces of a network namespace, asked of the kernel by rtnetlink; and word when they change. */
import koffi from 'koffi';
import type { node } from 'koffi';

/** One interface as the kernel describes it. */
export interface Link {
  index: number;
  name: string;
  /** ARPHRD_ value: what its frames begin with. */
  hardwareType: number;
  isUp: boolean;
  /** Its carrier, and how often that has changed. */
  carrier: boolean;
  carrierChanges: number;
  isLoopback: boolean;
}

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const bind = libc.func('int bind(int fd, const void *address, uint32_t length)');
const send = libc.func('long send(int fd, const void *bytes, size_t length, int flags)');
const receive = libc.func('long recv(int fd, void *bytes, size_t length, int flags)');
const close = libc.func('int close(int fd)');

// linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, net/if.h
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2_000_000;
const SOCK_NONBLOCK = 0o4000;
const RTMGRP_LINK = 1;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const REQUEST_DUMP = 0x301;
const HEADER_BYTES = 16;
const IFINFO_BYTES = 16;
const IFLA_IFNAME = 3;
const IFLA_CARRIER = 33;
const IFLA_CARRIER_CHANGES = 35;
const IFF_UP = 1;
const IFF_LOOPBACK = 8;
/** A dump of more messages than this is given up: thousands of interfaces fit. */
const MOST_RECEIVES = 10_000;

function open(flags: number, groups: number): number {
  const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, 0) as number;
  if (fd < 0) throw new Error(`a netlink socket cannot be opened (errno ${koffi.errno()})`);
  const address = Buffer.alloc(12);
  address.writeUInt16LE(AF_NETLINK, 0);
  address.writeUInt32LE(groups, 8);
  if (bind(fd, address, address.length) < 0) throw new Error(`a netlink socket cannot be bound (errno ${koffi.errno()})`);
  return fd;
}

/** All interfaces of the calling thread's network namespace. */
export function listLinks(): Link[] {
  const fd = open(0, 0);
  try {
    const request = Buffer.alloc(HEADER_BYTES + IFINFO_BYTES);
    request.writeUInt32LE(request.length, 0);
    request.writeUInt16LE(RTM_GETLINK, 4);
    request.writeUInt16LE(REQUEST_DUMP, 6);
    send(fd, request, request.length, 0);
    const links: Link[] = [];
    const buffer = Buffer.alloc(1 << 18);
    for (let i = 0; i < MOST_RECEIVES; i++) {
      const length = Number(receive(fd, buffer, buffer.length, 0));
      if (length <= 0) throw new Error(`the list of interfaces cannot be read (errno ${koffi.errno()})`);
      if (takeMessages(buffer.subarray(0, length), links)) return links;
    }
    throw new Error('the list of interfaces has no end');
  } finally {
    close(fd);
  }
}

/** Reads the messages of one datagram; true at the end of the dump. */
function takeMessages(bytes: Buffer, links: Link[]): boolean {
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const length = bytes.readUInt32LE(at);
    const type = bytes.readUInt16LE(at + 4);
    if (type === NLMSG_DONE) return true;
    if (type === NLMSG_ERROR) throw new Error(`the kernel does not list its interfaces (errno ${-bytes.readInt32LE(at + HEADER_BYTES)})`);
    if (type === RTM_NEWLINK) links.push(readLink(bytes.subarray(at + HEADER_BYTES, at + length)));
    if (length < HEADER_BYTES) return true;
    at += (length + 3) & ~3;
  }
  return false;
}

/* family 1, pad 1, ARPHRD 2, index 4, flags 4, change 4; attributes: length 2, type 2, value */
function readLink(message: Buffer): Link {
  const flags = message.readUInt32LE(8);
  const link: Link = {
    index: message.readInt32LE(4), name: '', hardwareType: message.readUInt16LE(2), isUp: (flags & IFF_UP) !== 0,
    carrier: false, carrierChanges: 0, isLoopback: (flags & IFF_LOOPBACK) !== 0,
  };
  for (let at = IFINFO_BYTES; at + 4 <= message.length;) {
    const length = message.readUInt16LE(at);
    const type = message.readUInt16LE(at + 2) & 0x3fff;
    if (length < 4) break;
    if (type === IFLA_IFNAME) link.name = message.toString('utf8', at + 4, at + length - 1);
    if (type === IFLA_CARRIER) link.carrier = message.readUInt8(at + 4) === 1;
    if (type === IFLA_CARRIER_CHANGES) link.carrierChanges = message.readUInt32LE(at + 4);
    at += (length + 3) & ~3;
  }
  return link;
}

/** Calls back whenever an interface of the namespace comes, goes or changes; `close` ends it. */
export class LinkWatch {
  readonly #fd: number;
  // Held, or the garbage collector ends the watch.
  readonly #poll: node.PollHandle;
  readonly #buffer = Buffer.alloc(1 << 16);

  constructor(changed: () => void) {
    this.#fd = open(SOCK_NONBLOCK, RTMGRP_LINK);
    this.#poll = koffi.node.poll(this.#fd, () => {
      for (let i = 0; i < MOST_RECEIVES && Number(receive(this.#fd, this.#buffer, this.#buffer.length, 0)) > 0; i++);
      changed();
    });
  }

  close(): void {
    this.#poll.stop();
    this.#poll.close();
    close(this.#fd);
  }
}
