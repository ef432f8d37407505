/** Puts a program at an interface, in one direction: by a TCX link (Linux 6.6), else as a clsact filter. */
import { closeSync } from 'node:fs';
import { BpfError, checked, libbpf } from './libbpf.ts';

export type AttachMode = 'auto' | 'tcx' | 'clsact';

/** 1 ingress, 2 egress, as in frame records. */
export type Direction = 1 | 2;

/** A program at an interface. Both calls are to be made inside the interface's namespace. */
export interface Attachment {
  readonly mode: 'tcx' | 'clsact';
  /** Puts another program into its place, without a gap and without a frame seen twice. */
  replace(programFd: number): void;
  /** Takes the program away; not an error where the interface is gone. */
  detach(): void;
  /** TCX: the link's descriptor. */
  readonly linkFd?: number;
}

// linux/bpf.h
const BPF_TCX_INGRESS = 46;
const BPF_TCX_EGRESS = 47;
const BPF_F_BEFORE = 1 << 3;
// struct bpf_link_create_opts: size 8, flags 4
const LINK_OPTS_BYTES = 16;

// struct bpf_tc_hook: size 8, index 4, point 4, parent 4; struct bpf_tc_opts: size 8, program 4, flags 4, id 4, handle 4, priority 4
const HOOK_BYTES = 24;
const TC_OPTS_BYTES = 32;
const BPF_TC_F_REPLACE = 1;
/** By these our clsact filters are known: nobody else's filter has both. */
const HANDLE = 0x5257;
const PRIORITY = 0x5257;

/** Attaches the program in front of what others have attached. To be called inside the interface's namespace. */
export function attach(index: number, direction: Direction, programFd: number, mode: AttachMode): Attachment {
  if (mode === 'clsact') return attachClsact(index, direction, programFd);
  const opts = Buffer.alloc(LINK_OPTS_BYTES);
  opts.writeBigUInt64LE(BigInt(LINK_OPTS_BYTES), 0);
  opts.writeUInt32LE(BPF_F_BEFORE, 8);
  const result = libbpf().linkCreate(programFd, index, direction === 1 ? BPF_TCX_INGRESS : BPF_TCX_EGRESS, opts) as number;
  if (result >= 0) return new TcxAttachment(result);
  const error = new BpfError('the filter cannot be attached by TCX', -result);
  // A kernel before 6.6 does not know this kind of link.
  if (mode === 'auto' && error.code === 'EINVAL') return attachClsact(index, direction, programFd);
  throw error;
}

/** An attachment of which only the link is left: descriptor of a pinned one. */
export class TcxAttachment implements Attachment {
  readonly mode = 'tcx';
  readonly linkFd: number;

  constructor(linkFd: number) {
    this.linkFd = linkFd;
  }

  replace(programFd: number): void {
    checked('the filter cannot be replaced', libbpf().linkUpdate(this.linkFd, programFd, null) as number);
  }

  detach(): void {
    closeSync(this.linkFd);
  }
}

function attachClsact(index: number, direction: Direction, programFd: number): Attachment {
  const hook = tcHook(index, direction);
  const created = libbpf().tcHookCreate(hook) as number;
  if (created < 0 && new BpfError('', -created).code !== 'EEXIST') checked('clsact cannot be set up', created);
  const put = (fd: number): void => {
    checked('the filter cannot be attached by clsact', libbpf().tcAttach(hook, tcOpts(fd, BPF_TC_F_REPLACE)) as number);
  };
  put(programFd);
  return { mode: 'clsact', replace: put, detach: () => { detachClsact(index, direction); } };
}

/** Takes our clsact filter away, if there is one; true if there was. To be called inside the interface's namespace. */
export function detachClsact(index: number, direction: Direction): boolean {
  return libbpf().tcDetach(tcHook(index, direction), tcOpts(0, 0)) as number >= 0;
}

function tcHook(index: number, direction: Direction): Buffer {
  const hook = Buffer.alloc(HOOK_BYTES);
  hook.writeBigUInt64LE(BigInt(HOOK_BYTES), 0);
  hook.writeInt32LE(index, 8);
  hook.writeInt32LE(direction, 12);
  return hook;
}

function tcOpts(programFd: number, flags: number): Buffer {
  const opts = Buffer.alloc(TC_OPTS_BYTES);
  opts.writeBigUInt64LE(BigInt(TC_OPTS_BYTES), 0);
  opts.writeInt32LE(programFd, 8);
  opts.writeUInt32LE(flags, 12);
  opts.writeUInt32LE(HANDLE, 20);
  opts.writeUInt32LE(PRIORITY, 24);
  return opts;
}
