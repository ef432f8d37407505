/** Promiscuous mode for SPAN ports, held by a packet socket that receives nothing: it ends with the process. */
import koffi from 'koffi';

const libc = koffi.load('libc.so.6');
const socket = libc.func('int socket(int domain, int type, int protocol)');
const setOption = libc.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)');
const close = libc.func('int close(int fd)');

// linux/if_packet.h
const AF_PACKET = 17;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2_000_000;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_MR_PROMISC = 1;

/** Puts the interface into promiscuous mode; the function given back ends it. To be called inside the interface's namespace. */
export function makePromiscuous(index: number, name: string): () => void {
  const fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) as number;
  if (fd < 0) {
    throw new Error(`${name} cannot be made promiscuous (errno ${koffi.errno()}): that needs CAP_NET_RAW. Give it to the loader, `
      + `or set the mode yourself: ip link set ${name} promisc on`);
  }
  // struct packet_mreq: index 4, type 2, address length 2, address 8
  const membership = Buffer.alloc(16);
  membership.writeInt32LE(index, 0);
  membership.writeUInt16LE(PACKET_MR_PROMISC, 4);
  if (setOption(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, membership, membership.length) < 0) {
    const errno = koffi.errno();
    close(fd);
    throw new Error(`${name} does not take promiscuous mode (errno ${errno})`);
  }
  return () => { close(fd); };
}
