/** The state of a shadow set as a checkpoint has it, and what of it is the codes'. */
import type { BatchKey, BatchTap } from '../contract/batch.ts';
import type { Codes } from './codes.ts';
import type { HeldHello } from './hellos.ts';
import type { TrappedKey } from './traps.ts';

/** The host's own part of a state. Who raises it goes on writing the one before until `finalize`, as the modules do. */
export const SHADOW_STATE_VERSION = 1;

/** Everything that a shadow set knows, for a checkpoint: what fits JSON, and each module's own export. */
export interface ShadowState {
  /** Of all but the modules' parts; absent in the first states, which were of version 1. */
  readonly version?: number;
  readonly taps: readonly { readonly name: string; readonly collector: string; readonly identity: string; readonly wallOffsetNs: string; readonly state: BatchTap['state']; readonly source?: string; readonly lastFrame?: string; readonly isLive?: boolean; readonly unheard?: number; readonly isLost?: boolean; readonly seen?: readonly (readonly [number, string])[]; readonly own?: number; readonly keys?: number; readonly isRefused?: boolean }[];
  /** Identities of taps that were told that there is no room for them, or for more keys of theirs. */
  readonly refusals?: readonly string[];
  readonly contexts: readonly (BatchKey & { readonly generation?: number; readonly protocol?: number })[];
  /** Keys that trapped, and how often each key was reset. */
  readonly traps?: readonly TrappedKey[];
  readonly generations?: readonly (readonly [string, number])[];
  /** Of the last clock record; decimal. */
  readonly clockNs?: string;
  readonly clockBy?: { readonly owner: string; readonly sequence: number };
  /** Last batch taken of each collector's epoch. */
  readonly sequences: readonly ({ readonly source: string } & SourceState)[];
  /** Absent where no tap is live. */
  readonly hellos?: readonly HeldHello[];
  readonly modules: readonly { readonly protocol: number; readonly state: Uint8Array }[];
}

/** How far a collector's epoch has come: its last batch, and the boot time at the end of that; decimal, absent before the first. */
export interface SourceState {
  readonly sequence: number;
  readonly clockNs?: string;
  /** The jump that follows has been told: the log's own beginning came between. */
  readonly isTold?: boolean;
}

/** Throws where a newer program wrote the state. */
export function refuseNewer({ version = 1 }: ShadowState): void {
  if (version <= SHADOW_STATE_VERSION) return;
  throw new Error(`the checkpoint is of version ${version}, and this program reads version ${SHADOW_STATE_VERSION}: a newer program wrote it, `
    + 'after the way back was given up (`routewatch finalize`): start that version, or restore a backup from before');
}

/** Taps and contexts in the order of their codes. */
export function exportCodes(codes: Codes): Pick<ShadowState, 'taps' | 'contexts' | 'refusals' | 'generations'> {
  return {
    taps: codes.taps.map(({ name, collector, identity, wallOffset, state, source, lastFrame, isLive, unheard, isLost, seen, own, keys, isRefused }) => ({
      name, collector, identity: Buffer.from(identity).toString('hex'), wallOffsetNs: String(wallOffset), state, source, lastFrame, isLive, unheard, isLost, seen: [...seen].map(([code, wall]) => [code, String(wall)] as const), ...(own === undefined ? {} : { own }), keys, ...(isRefused ? { isRefused } : {}),
    })),
    contexts: codes.contexts.map(({ key, domain, networkInstance, link, addresses, generation, protocol }) => ({
      key, domain, networkInstance, link, protocol, ...(addresses === undefined ? {} : { addresses }), ...(generation === 0 ? {} : { generation }),
    })),
    ...(codes.refusals.size === 0 ? {} : { refusals: [...codes.refusals] }),
    generations: [...codes.generations],
  };
}

/** Gives taps and contexts the codes that they had. */
export function importCodes(codes: Codes, state: ShadowState): void {
  for (const { name, collector, identity, wallOffsetNs, state: open, source, lastFrame, isLive, unheard, isLost, seen, own, keys, isRefused } of state.taps) {
    const { tap } = codes.tap(collector, { name, identity, wallOffsetNs });
    tap.state = open;
    tap.source = source ?? '';
    tap.lastFrame = lastFrame ?? '0';
    tap.isLive = isLive ?? false;
    tap.unheard = unheard ?? 0;
    tap.isLost = isLost ?? false;
    if (own !== undefined) tap.own = own;
    tap.keys = keys ?? 0;
    tap.isRefused = isRefused ?? false;
    for (const [code, wall] of seen ?? []) tap.seen.set(code, BigInt(wall));
  }
  for (const { generation, protocol, ...key } of state.contexts) {
    if (generation !== undefined) codes.generations.set(key.key, generation);
    codes.context(key).context.protocol = protocol ?? 0;
  }
  for (const [key, generation] of state.generations ?? []) codes.generations.set(key, generation);
  for (const { key, code, generation } of codes.contexts) if (generation !== (codes.generations.get(key) ?? 0)) codes.retired.add(code);
  for (const identity of state.refusals ?? []) codes.refusals.add(identity);
}
