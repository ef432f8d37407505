/** Writes pcap with nanosecond time stamps: for tests and benches that make captures. */
import { open } from 'node:fs/promises';
import { PCAP_MAGIC_NANOSECONDS } from './iana.ts';

/** A packet to write; `originalLength` is the data's own unless the packet was cut. */
export interface PacketToWrite {
  timeNs: bigint;
  data: Uint8Array;
  originalLength?: number;
}

const LINKTYPE_ETHERNET = 1;
const FLUSH_BYTES = 1024 * 1024;

/** The 24-byte file header (version 2.4, little endian, no FCS). */
export function encodePcapHeader(linkType = LINKTYPE_ETHERNET, snapLength = 262_144): Uint8Array {
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, PCAP_MAGIC_NANOSECONDS, true);
  header.setUint16(4, 2, true);
  header.setUint16(6, 4, true);
  header.setUint32(16, snapLength, true);
  header.setUint32(20, linkType, true);
  return new Uint8Array(header.buffer);
}

/** One record; times from 1970 to 2106. */
export function encodePcapRecord(packet: PacketToWrite): Uint8Array {
  const { timeNs, data } = packet;
  const seconds = timeNs / 1_000_000_000n;
  if (timeNs < 0n || seconds > 0xffffffffn) {
    throw new RangeError(`pcap cannot hold the time ${timeNs} ns: it has 32 bits of seconds since 1970`);
  }
  const record = new Uint8Array(16 + data.length);
  const view = new DataView(record.buffer);
  view.setUint32(0, Number(seconds), true);
  view.setUint32(4, Number(timeNs % 1_000_000_000n), true);
  view.setUint32(8, data.length, true);
  view.setUint32(12, packet.originalLength ?? data.length, true);
  record.set(data, 16);
  return record;
}

/** A whole capture in memory. */
export function encodePcap(packets: Iterable<PacketToWrite>, linkType?: number): Uint8Array {
  const parts = [encodePcapHeader(linkType)];
  for (const packet of packets) parts.push(encodePcapRecord(packet));
  return Buffer.concat(parts);
}

/** Writes a capture file of any size; returns how many packets it holds. */
export async function writePcapFile(
  path: string,
  packets: Iterable<PacketToWrite> | AsyncIterable<PacketToWrite>,
  linkType?: number,
): Promise<number> {
  const file = await open(path, 'w');
  try {
    let parts = [encodePcapHeader(linkType)];
    let bytes = 24;
    let count = 0;
    for await (const packet of packets) {
      const record = encodePcapRecord(packet);
      parts.push(record);
      bytes += record.length;
      count++;
      if (bytes < FLUSH_BYTES) continue;
      await file.writeFile(Buffer.concat(parts));
      parts = [];
      bytes = 0;
    }
    await file.writeFile(Buffer.concat(parts));
    return count;
  } finally {
    await file.close();
  }
}
