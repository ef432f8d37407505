/** Whether we hold the whole database: a CSNP over the full range that names nothing we lack says so. */
import { databaseAt, databaseOf, findLsp, lspAt } from './lsdb.ts';
import * as iana from './iana.ts';
import { Pdu, Tlv } from './pdu.ts';
import { LSP_ENTRY_BYTES, Snp } from './snp.ts';

/** Compares the CSNP in `Snp` with the database of its level. Only one that covers every id in one PDU is proof. */
export function compareDatabase(shadow: u32): void {
  const handle = databaseOf(shadow, Pdu.level);
  if (handle == 0 || databaseAt(handle).synchronized != 0) return;
  if (Snp.startId != 0 || Snp.endId != u64.MAX_VALUE) return;
  Tlv.begin();
  while (Tlv.next()) {
    if (Tlv.type != iana.TLV_LSP_ENTRIES) continue;
    for (let i: u32 = 0; i + LSP_ENTRY_BYTES <= Tlv.length; i += LSP_ENTRY_BYTES) {
      const at = Tlv.at + i as usize;
      const held = findLsp(shadow, Pdu.level, bswap<u64>(load<u64>(at, 2)));
      if (held == 0 || lspAt(held).sequence < bswap<u32>(load<u32>(at, 10))) return;
    }
  }
  databaseAt(handle).synchronized = 1;
}
