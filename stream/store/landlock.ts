/** Confines the calling thread, and what it executes later, with the kernel's Landlock. */
import { closeSync, openSync, statSync, constants } from 'node:fs';
import koffi from 'koffi';

/** What a path beneath a rule may be used for. */
export type PathUse = 'read' | 'execute' | 'write' | 'own';

/** Everything that stays possible; all else that Landlock knows is refused. */
export interface LandlockPolicy {
  paths: { path: string; use: PathUse }[];
  /** The one TCP port that may be bound; 0 lets the kernel choose. No TCP connection may be made. */
  bindPort: number;
}

/** What the kernel took on. */
export interface LandlockResult {
  /** Version of the kernel's interface; 0 where there is none. */
  version: number;
  files: boolean;
  /** TCP connect and bind are restricted (version 4, Linux 6.7). */
  network: boolean;
  /** No signals to, and no abstract sockets of, processes outside (version 6, Linux 6.12). */
  scope: boolean;
}

// System calls and flags of linux/landlock.h and asm-generic/unistd.h, the same on all platforms.
const CREATE_RULESET = 444;
const ADD_RULE = 445;
const RESTRICT_SELF = 446;
const RULESET_VERSION = 1;
const RULE_PATH_BENEATH = 1;
const RULE_NET_PORT = 2;
const NET_BIND_TCP = 1n;
const NET_CONNECT_TCP = 2n;
const SCOPE_ALL = 3n;

const EXECUTE = 1n << 0n;
const WRITE_FILE = 1n << 1n;
const READ_FILE = 1n << 2n;
const READ_DIR = 1n << 3n;
const REMOVE_DIR = 1n << 4n;
const REMOVE_FILE = 1n << 5n;
const MAKE_DIR = 1n << 7n;
const MAKE_REG = 1n << 8n;
const MAKE_SYM = 1n << 12n;
const REFER = 1n << 13n;
const TRUNCATE = 1n << 14n;
const FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE;

const RIGHTS: Record<PathUse, bigint> = {
  read: READ_FILE | READ_DIR,
  execute: READ_FILE | EXECUTE,
  write: READ_FILE | WRITE_FILE,
  own: READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR
    | MAKE_REG | MAKE_SYM | REFER,
};

/** File rights that each version of the interface brought: 13, then refer, truncate, ioctl on devices. */
function handledRights(version: number): bigint {
  const count = version >= 5 ? 16n : version >= 3 ? 15n : version === 2 ? 14n : 13n;
  return (1n << count) - 1n;
}

/**
 * Restricts this thread for good; paths that do not exist are left out. `newest` holds the interface
 * at an older version, for tests of what an older kernel does.
 */
export function restrictSelf(policy: LandlockPolicy, newest = Infinity): LandlockResult {
  const version = Math.min(newest, createRuleset(null, 0, RULESET_VERSION));
  if (version < 1) return { version: 0, files: false, network: false, scope: false };

  const network = version >= 4;
  const scope = version >= 6;
  const rights = handledRights(version);
  const attributes = packed(
    rights, network ? NET_BIND_TCP | NET_CONNECT_TCP : 0n, scope ? SCOPE_ALL : 0n);
  const size = scope ? 24 : network ? 16 : 8;
  const ruleset = checked('landlock_create_ruleset', createRuleset(attributes, size, 0));
  try {
    for (const { path, use } of policy.paths) addPath(ruleset, path, RIGHTS[use] & rights);
    if (network) {
      addRule('the port', ruleset, RULE_NET_PORT, packed(NET_BIND_TCP, BigInt(policy.bindPort)));
    }
    checked('landlock_restrict_self', Number(restrictCall(RESTRICT_SELF, ruleset, 0)));
  } finally {
    closeSync(ruleset);
  }
  return { version, files: true, network, scope };
}

const libc = koffi.load('libc.so.6');

// The C library's `syscall`, once for each shape of arguments.
const createCall = libc.func(
  'long syscall(long number, const void *attributes, size_t size, uint32_t flags)');
const addCall = libc.func(
  'long syscall(long number, int ruleset, int type, const void *rule, uint32_t flags)');
const restrictCall = libc.func('long syscall(long number, int ruleset, uint32_t flags)');

function createRuleset(attributes: Buffer | null, size: number, flags: number): number {
  return Number(createCall(CREATE_RULESET, attributes, size, flags));
}

function addRule(what: string, ruleset: number, type: number, rule: Buffer): void {
  checked(`landlock_add_rule for ${what}`, Number(addCall(ADD_RULE, ruleset, type, rule, 0)));
}

function addPath(ruleset: number, path: string, rights: bigint): void {
  let directory: boolean;
  let descriptor: number;
  try {
    directory = statSync(path).isDirectory();
    descriptor = openSync(path, constants.O_RDONLY | O_PATH);
  } catch {
    return;
  }
  // struct landlock_path_beneath_attr { u64 allowed_access; s32 parent_fd; } packed
  const rule = Buffer.alloc(12);
  rule.writeBigUInt64LE(directory ? rights : rights & FILE_RIGHTS, 0);
  rule.writeInt32LE(descriptor, 8);
  try {
    addRule(path, ruleset, RULE_PATH_BENEATH, rule);
  } finally {
    closeSync(descriptor);
  }
}

const O_PATH = 0o10000000;

function packed(...words: bigint[]): Buffer {
  const bytes = Buffer.alloc(8 * words.length);
  words.forEach((word, index) => bytes.writeBigUInt64LE(word, 8 * index));
  return bytes;
}

function checked(call: string, result: number): number {
  if (result >= 0) return result;
  throw new Error(`${call} failed with errno ${koffi.errno()}`);
}
