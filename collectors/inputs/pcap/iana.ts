/** Numbers of the capture formats: magics, block types, option codes. */

// pcap: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcap/ (file header)
export const PCAP_MAGIC_MICROSECONDS = 0xa1b2c3d4;
export const PCAP_MAGIC_NANOSECONDS = 0xa1b23c4d;
/** A. Kuznetzov's patched libpcap: records have 8 more bytes (interface, protocol, packet type). */
export const PCAP_MAGIC_MODIFIED = 0xa1b2cd34;

// pcapng: https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ (block types)
export const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION_BLOCK = 1;
export const PACKET_BLOCK = 2;
export const SIMPLE_PACKET_BLOCK = 3;
export const INTERFACE_STATISTICS_BLOCK = 5;
export const ENHANCED_PACKET_BLOCK = 6;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

// pcapng: options of the blocks above
export const OPT_ENDOFOPT = 0;
export const IF_NAME = 2;
export const IF_TSRESOL = 9;
export const IF_FCSLEN = 13;
export const IF_TSOFFSET = 14;
export const EPB_FLAGS = 2;
export const ISB_ENDTIME = 3;

// Compressed files: first bytes. RFC 1952 section 2.3.1, and each tool's own format description.
export const GZIP_MAGIC: readonly number[] = [0x1f, 0x8b];
export const OTHER_COMPRESSIONS: readonly { name: string; magic: readonly number[]; tool: string }[] = [
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], tool: 'zstdcat' },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], tool: 'xzcat' },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], tool: 'bzcat' },
  { name: 'lz4', magic: [0x04, 0x22, 0x4d, 0x18], tool: 'lz4cat' },
];
