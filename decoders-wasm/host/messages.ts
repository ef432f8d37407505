/** What goes between a worker and its decoder thread. */
import type { FrameBatch } from '../contract/batch.ts';
import type { ChangePlace } from './instance.ts';
import type { ForgottenKeys, PartitionLoss } from './losses.ts';
import type { RegisteredModule } from './registry.ts';
import type { ChangedModule } from './decoders.ts';
import type { ShadowState } from './shadow-state.ts';
import type { StateForms, StateVersions } from './state-versions.ts';
import type { PassedOver, Stretch } from './stretch.ts';
import type { TrapLimits } from './traps.ts';

export interface ThreadSettings {
  readonly modules: readonly RegisteredModule[];
  readonly seed: bigint;
  readonly memoryLimitBytes: number;
  readonly trapLimits: TrapLimits | undefined;
  readonly progress: SharedArrayBuffer;
}

export type Request =
  | { readonly kind: 'process'; readonly offset: bigint; readonly batch: FrameBatch; readonly passed: PassedOver; readonly silent: boolean; readonly stepwise: boolean }
  | { readonly kind: 'lose'; readonly offset: bigint; readonly loss: PartitionLoss }
  | { readonly kind: 'forget'; readonly offset: bigint; readonly forgotten: ForgottenKeys }
  | { readonly kind: 'clear' }
  | { readonly kind: 'versions' }
  | { readonly kind: 'export'; readonly forms: StateForms }
  | { readonly kind: 'import'; readonly state: ShadowState }
  | { readonly kind: 'differences'; readonly changed: readonly ChangedModule[]; readonly place: ChangePlace }
  | { readonly kind: 'explain'; readonly protocol: number; readonly frame: Uint8Array }
  | { readonly kind: 'query'; readonly protocol: number; readonly request: unknown };

export type Answer =
  | { readonly kind: 'stretch'; readonly stretch: Stretch }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'state'; readonly state: ShadowState }
  | { readonly kind: 'versions'; readonly versions: readonly (StateVersions | undefined)[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'fault'; readonly module: string; readonly message: string; readonly frameIndex: number | undefined; readonly isFrame: boolean; readonly sourceLine: string }
  | { readonly kind: 'error'; readonly message: string };
