/** The module host as other folders may use it. */
export { DecoderFault, DecoderThread, type DecoderThreadOptions } from '../host/decoder-thread.ts';
export { DecoderInstance, ModuleFault, type RowBlock } from '../host/instance.ts';
export { ShadowSet, type ShadowSetOptions, type ShadowState, type SkippedFrame, type Stretch } from '../host/shadow-set.ts';
export { type LoadedModule, type RegisteredModule, loadModule, registry, wasmFile } from '../host/registry.ts';
export type { CodedContext, CodedTap } from '../host/codes.ts';
