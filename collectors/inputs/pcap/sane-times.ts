/** Packets whose time stamp cannot be: they keep their place in the capture and move no clock. */
import type { CapturedPacket, OpenCapture } from './capture.ts';

/** 2000-01-01: no packet is older. */
const EARLIEST_NS = 946_684_800_000_000_000n;
/** How far a packet may lie in the future. */
const AHEAD_NS = 86_400_000_000_000n;

/** Whether a time, ns since 1970, can be that of a packet: from 2000-01-01 to a day from now. */
export function isSaneTime(timeNs: bigint, nowNs = BigInt(Date.now()) * 1_000_000n): boolean {
  return timeNs >= EARLIEST_NS && timeNs <= nowNs + AHEAD_NS;
}

/** A capture whose packets all have a usable time. */
export interface TimedCapture extends OpenCapture {
  /** Packets whose own time was refused, and the number of the first. */
  readonly refused: { count: number; firstPacket: number };
}

/**
 * The capture with refused times (after the shift by `shiftNs`) replaced by that of the packet before, or the earliest
 * that can be: one mad stamp would else end every hold timer. Such packets are marked `timeRefused`.
 */
export function withSaneTimes(capture: OpenCapture, shiftNs: bigint): TimedCapture {
  const refused = { count: 0, firstPacket: 0 };
  let before = EARLIEST_NS - shiftNs;
  const timed = (packet: CapturedPacket, nowNs: bigint): CapturedPacket => {
    if (isSaneTime(packet.timeNs + shiftNs, nowNs)) {
      before = packet.timeNs;
      return packet;
    }
    if (refused.count === 0) refused.firstPacket = packet.packetNumber;
    refused.count += 1;
    return { ...packet, timeNs: before, timeRefused: true };
  };
  return {
    name: capture.name,
    refused,
    packets: mapped(capture.packets, timed),
    result: () => capture.result(),
    identity: () => capture.identity(),
    close: () => capture.close(),
    ...(capture.bytesRead === undefined ? {} : { bytesRead: capture.bytesRead }),
  };
}

async function* mapped(chunks: AsyncIterable<CapturedPacket[]>, each: (packet: CapturedPacket, nowNs: bigint) => CapturedPacket): AsyncGenerator<CapturedPacket[]> {
  for await (const chunk of chunks) {
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    yield chunk.map((packet) => each(packet, nowNs));
  }
}
