/** A system call filter against outgoing traffic, for kernels whose Landlock knows no network too. */
import koffi from 'koffi';

/** One machine's numbers from asm/unistd.h, with its AUDIT_ARCH value. */
interface Platform {
  architecture: number;
  connect: number;
  socket: number;
  sendto: number;
  sendmsg: number;
  sendmmsg: number;
  ptrace: number;
  processVmReadv: number;
  processVmWritev: number;
}

const IO_URING_SETUP = 425;

const platforms: Record<string, Platform> = {
  x64: {
    architecture: 0xc000003e, connect: 42, socket: 41, sendto: 44, sendmsg: 46, sendmmsg: 307,
    ptrace: 101, processVmReadv: 310, processVmWritev: 311,
  },
  arm64: {
    architecture: 0xc00000b7, connect: 203, socket: 198, sendto: 206, sendmsg: 211, sendmmsg: 269,
    ptrace: 117, processVmReadv: 270, processVmWritev: 271,
  },
};

// linux/bpf_common.h, linux/seccomp.h, linux/prctl.h
const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_EQUAL = 0x35;
const JUMP_SET = 0x45;
const AND = 0x54;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
const REFUSE = 0x00050000 | 13; // EACCES
const MISSING = 0x00050000 | 38; // ENOSYS
const NO_NEW_PRIVILEGES = 38;
const SET_SECCOMP = 22;
const FILTER_MODE = 2;
const NUMBER_OFFSET = 0;
const ARCHITECTURE_OFFSET = 4;
const argumentOffset = (index: number): number => 16 + 8 * index;
const STREAM = 1;
const SOCKET_TYPE_MASK = 0xf;
const FAST_OPEN = 0x20000000;
const TCP = 6;
const UNIX = 1;
const X32_BIT = 0x40000000;

const libc = koffi.load('libc.so.6');
const prctlCall = libc.func(
  'int prctl(int option, unsigned long a, uintptr_t b, unsigned long c, unsigned long d)');

function prctl(option: number, a: number, b: bigint): number {
  return Number(prctlCall(option, a, b, 0, 0));
}

/** Gives up the right to gain privileges by executing a file; Landlock and filters need it. */
export function setNoNewPrivileges(): void {
  if (prctl(NO_NEW_PRIVILEGES, 1, 0n) !== 0) {
    throw new Error(`prctl(PR_SET_NO_NEW_PRIVS) failed with errno ${koffi.errno()}`);
  }
}

/**
 * Refuses connect(), sockets other than TCP and UNIX streams, TCP fast open, io_uring, and looking
 * into other processes, for this thread and what it executes. False where the platform is unknown
 * or the kernel takes no filters.
 */
export function refuseOutgoingTraffic(): boolean {
  const platform = platforms[process.arch];
  if (!platform) return false;
  const program = filter(platform);
  // struct sock_fprog { unsigned short len; struct sock_filter *filter; }
  const header = Buffer.alloc(16);
  header.writeUInt16LE(program.length / 8, 0);
  header.writeBigUInt64LE(koffi.address(program), 8);
  return prctl(SET_SECCOMP, FILTER_MODE, koffi.address(header)) === 0;
}

const load = (offset: number): number[] => [LOAD, 0, 0, offset];
const returns = (value: number): number[] => [RETURN, 0, 0, value];

/** `body` runs where the accumulator equals `value`; it ends in returns. */
const when = (value: number, body: number[][]): number[][] => [
  [JUMP_EQUAL, 0, body.length, value], ...body];

const refuseFastOpen = (argument: number): number[][] => [
  load(argumentOffset(argument)), [JUMP_SET, 0, 1, FAST_OPEN], returns(REFUSE), returns(ALLOW)];

/** The filter as bytes of struct sock_filter { u16 code; u8 jt; u8 jf; u32 k; }. */
function filter(platform: Platform): Buffer {
  const socketRules = [
    load(argumentOffset(0)),
    [JUMP_EQUAL, 0, 1, UNIX], returns(ALLOW),
    load(argumentOffset(1)), [AND, 0, 0, SOCKET_TYPE_MASK],
    [JUMP_EQUAL, 1, 0, STREAM], returns(REFUSE),
    load(argumentOffset(2)),
    [JUMP_EQUAL, 1, 0, 0], [JUMP_EQUAL, 0, 1, TCP],
    returns(ALLOW), returns(REFUSE),
  ];
  const refusedCalls = [platform.connect, platform.ptrace, platform.processVmReadv,
    platform.processVmWritev];
  const instructions = [
    load(ARCHITECTURE_OFFSET), [JUMP_EQUAL, 1, 0, platform.architecture], returns(REFUSE),
    load(NUMBER_OFFSET), [JUMP_GREATER_EQUAL, 0, 1, X32_BIT], returns(REFUSE),
    ...refusedCalls.flatMap((number) => when(number, [returns(REFUSE)])),
    ...when(IO_URING_SETUP, [returns(MISSING)]),
    ...when(platform.socket, socketRules),
    ...when(platform.sendto, refuseFastOpen(3)),
    ...when(platform.sendmsg, refuseFastOpen(2)),
    ...when(platform.sendmmsg, refuseFastOpen(3)),
    returns(ALLOW),
  ];
  const bytes = Buffer.alloc(8 * instructions.length);
  instructions.forEach(([code = 0, yes = 0, no = 0, value = 0], index) => {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(yes, 8 * index + 2);
    bytes.writeUInt8(no, 8 * index + 3);
    bytes.writeUInt32LE(value >>> 0, 8 * index + 4);
  });
  return bytes;
}
