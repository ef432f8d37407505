/** The module host as other folders may use it. */
export { DecoderFault, DecoderThread, type DecoderThreadOptions } from '../host/decoder-thread.ts';
export { DecoderInstance, ModuleFault, type RowBlock } from '../host/instance.ts';
export { type PassedOver, ShadowSet, type ShadowSetOptions, type SkippedFrame, type StateReset, type Stretch } from '../host/shadow-set.ts';
export type { ShadowState } from '../host/shadow-state.ts';
export { commonVersion, type StateForms, type StateVersions, versionsText } from '../host/state-versions.ts';
export { NOTHING_PASSED_OVER } from '../host/stretch.ts';
export { type LoadedModule, type RegisteredModule, loadModule, registry, wasmFile } from '../host/registry.ts';
export type { CodedContext, CodedTap } from '../host/codes.ts';
export type { ForgottenKeys } from '../host/losses.ts';
export type { BatchKey } from './batch.ts';
