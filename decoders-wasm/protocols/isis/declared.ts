/** For tests: what a router itself says of its point-to-point adjacency in TLV 240, hello by hello, as `explain` tells it. */
import { loadModule, registry, ShadowSet } from '../../contract/host.ts';
import { FRAME_BOOT_NS, FRAME_BYTES, FRAME_PROTOCOL, PROTOCOL_ISIS } from '../../contract/generated/frame.ts';
import { decodeCaptures } from '../../../infra/lab/decode.ts';

interface Explained {
  isis: { 'pdu-type': number; 'system-id'?: string; tlvs?: { 'three-way-adjacency'?: { state: string } }[] };
}

/** Capture time (ns since 1970) and declared state of each point-to-point hello of the router in one capture file. */
export async function declaredStates(file: string, system: string): Promise<{ time: bigint; state: string }[]> {
  const set = new ShadowSet({ modules: registry.map(loadModule), seed: 1n, memoryLimitBytes: 1 << 28 });
  const found: { time: bigint; state: string }[] = [];
  await decodeCaptures([file], { onBatch: ({ frames }) => {
    const view = new DataView(frames.buffer, frames.byteOffset, frames.length);
    for (let at = 0; at + FRAME_BYTES <= frames.length; at += view.getUint32(at, true)) {
      if (view.getUint8(at + FRAME_PROTOCOL) !== PROTOCOL_ISIS) continue;
      const { isis } = JSON.parse(set.explain(PROTOCOL_ISIS, frames.subarray(at, at + view.getUint32(at, true)))) as Explained;
      if (isis['pdu-type'] !== 17 || isis['system-id'] !== system) continue;
      const state = isis.tlvs?.flatMap((tlv) => tlv['three-way-adjacency']?.state ?? [])[0] ?? 'none';
      // A capture file's boot clock is its wall clock.
      found.push({ time: view.getBigUint64(at + FRAME_BOOT_NS, true), state });
    }
  } }, () => undefined);
  return found;
}
