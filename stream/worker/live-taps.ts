/** Which live taps are open, by the headers alone (the decoders count the same), and the clock record that they need. */
import type { ShadowState } from '../../decoders-wasm/contract/host.ts';
import { encodeFrameBatch, type FrameBatch } from '../contract/frame-batch.ts';

/** A tap that was not named for more clock records than make it lost needs no more of them. */
const MOST_CLOCKS = 20;

export class LiveTaps {
  /** Clock records since a header named the tap, by its identity. */
  private readonly unheard = new Map<string, number>();

  get isEmpty(): boolean {
    return this.unheard.size === 0;
  }

  /** Begins with those of a checkpoint; with none where there is no checkpoint. */
  restore(taps: ShadowState['taps'] = []): void {
    this.unheard.clear();
    for (const { identity, state, isLive, isLost, unheard } of taps) if (isLive === true && isLost !== true && state === 'open') this.unheard.set(identity, unheard ?? 0);
  }

  note({ taps, clockNs }: FrameBatch['header']): void {
    for (const { identity, state, clockNs: clock } of taps) {
      if (state !== 'open') this.unheard.delete(identity);
      else if (clock !== null || this.unheard.has(identity)) this.unheard.set(identity, 0);
    }
    if (clockNs === undefined) return;
    for (const [identity, unheard] of this.unheard) {
      if (unheard > MOST_CLOCKS) this.unheard.delete(identity);
      else this.unheard.set(identity, unheard + 1);
    }
  }
}

/** The frames record that moves time on, of wall time `nowMs`; `sequence` counts those of the owner. */
export function clockRecord(owner: string, partition: number, sequence: number, nowMs: number): Uint8Array {
  const header: FrameBatch['header'] = {
    collector: 'clock', epoch: owner, partition, sequence, taps: [], keys: [], gaps: [], ageNs: '0', clockNs: String(BigInt(nowMs) * 1_000_000n),
  };
  return encodeFrameBatch({ header, frames: new Uint8Array(0) });
}
