/** The decoder thread: holds the shadow set of one partition and answers one request at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { DecoderInstance, ModuleFault } from './instance.ts';
import { loadModule } from './registry.ts';
import { ShadowSet } from './shadow-set.ts';
import { sourceLine } from './source-line.ts';
import type { Answer, Request, ThreadSettings } from './messages.ts';

const settings = workerData as ThreadSettings;
const modules = settings.modules.map(loadModule);
const freshSet = (): ShadowSet => new ShadowSet({
  modules, seed: settings.seed, memoryLimitBytes: settings.memoryLimitBytes, ...(settings.trapLimits === undefined ? {} : { trapLimits: settings.trapLimits }),
});
let set = freshSet();
/** The frame under a decoder, for the watchdog; -1 between frames. */
const progress = new Int32Array(settings.progress);

parentPort!.on('message', (request: Request) => {
  const answer = respond(request);
  parentPort!.postMessage(answer, transferable(answer));
});

/** The frame under the decoders, where they get one at a time. */
function stepped(): number | undefined {
  const index = Atomics.load(progress, 0);
  return index < 0 ? undefined : index;
}

function transferable(answer: Answer): ArrayBuffer[] {
  if (answer.kind === 'stretch') return answer.stretch.blocks.map((block) => block.bytes.buffer as ArrayBuffer);
  return answer.kind === 'state' ? answer.state.modules.map((module) => module.state.buffer as ArrayBuffer) : [];
}

function respond(request: Request): Answer {
  try {
    switch (request.kind) {
      case 'process': {
        const step = request.stepwise ? (index: number) => { Atomics.store(progress, 0, index); } : undefined;
        const stretch = set.process(request.offset, request.batch, request.passed, step);
        if (!request.silent) return { kind: 'stretch', stretch };
        set.giveBack(stretch);
        return { kind: 'stretch', stretch: { ...stretch, blocks: [], contexts: [], taps: [] } };
      }
      case 'lose':
        return { kind: 'stretch', stretch: set.lose(request.offset, request.loss) };
      case 'forget':
        return { kind: 'stretch', stretch: set.forget(request.offset, request.forgotten) };
      case 'clear':
        set = freshSet();
        return { kind: 'done' };
      case 'versions':
        return { kind: 'versions', versions: modules.map(({ name, module }) => new DecoderInstance({ name, module, seed: settings.seed, memoryLimitBytes: settings.memoryLimitBytes }).stateVersions) };
      case 'export':
        return { kind: 'state', state: set.exportState(request.forms) };
      case 'import':
        set.importState(request.state);
        return { kind: 'done' };
      case 'differences':
        return { kind: 'stretch', stretch: set.differences(request.changed, request.place) };
      case 'explain':
        return { kind: 'text', text: set.explain(request.protocol, request.frame) };
      case 'query':
        return { kind: 'text', text: JSON.stringify(set.of(request.protocol)?.query(request.request) ?? null) };
    }
  } catch (error) {
    if (!(error instanceof ModuleFault)) return { kind: 'error', message: error instanceof Error ? error.message : String(error) };
    const frameIndex = error.frameIndex ?? stepped();
    return { kind: 'fault', module: error.module, message: error.message, frameIndex, isFrame: frameIndex !== undefined && set.isFrame(frameIndex), sourceLine: sourceLine(settings.modules.find((module) => module.name === error.module), error) };
  }
}
