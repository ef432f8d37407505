/** I14 beyond one link: two routers on two links that claim one system id outbid each other's LSP of that id. */
import { CAUSE_DUPLICATE_SYSTEM_ID, report } from './cause.ts';
import { linkAt, linkOf } from './link.ts';
import { findLsp, LspEntry, lspAt } from './lsdb.ts';
import { Lsp } from './lsp.ts';
import { Pdu } from './pdu.ts';
import { findStation, stationAt, STATION_SILENT } from './station.ts';

/** Once may be a tap that missed an instance; a fight does not end by itself. */
const ENOUGH: u32 = 2;

/**
 * Looks at the LSP in `Lsp`, which `snpa` sent on `link`, before it is adopted. A router floods each instance of its
 * own LSP on all its circuits; one that answers a newer instance it never sent with what it said before, under a still
 * higher sequence number, takes that instance for a forgery or a leftover of its own (ISO 10589 7.3.16.1).
 */
export function watchClaims(link: u32, snpa: u64): void {
  if (Lsp.lifetime == 0 || (Lsp.id & 0xffff) != 0) return;
  const system = Lsp.system(Lsp.id);
  let sender = findStation(link, Pdu.level, system, snpa);
  if (sender == 0) sender = findStation(link, 0, system, snpa);
  if (sender == 0) return;
  const claim = stationAt(sender).claim(Pdu.level);
  if (Lsp.sequence <= claim.sequence) return;
  const held = findLsp(linkAt(link).shadow, Pdu.level, Lsp.id);
  const outbids = claim.sequence != 0 && claim.content == Lsp.contentLow && held != 0
    && lspAt(held).sequence > claim.sequence && lspAt(held).contentLow != Lsp.contentLow
    && isClaimedElsewhere(link, system, lspAt(held));
  claim.fights = outbids ? min<u32>(claim.fights + 1, ENOUGH) : 0;
  claim.content = Lsp.contentLow;
  claim.sequence = Lsp.sequence;
  if (claim.fights == ENOUGH) report(link, CAUSE_DUPLICATE_SYSTEM_ID, 0, Pdu.level, system, 0);
}

/** Whether a router of the same id lives on the other link where the instance that is held was seen first. */
function isClaimedElsewhere(link: u32, system: u64, held: LspEntry): bool {
  const other = linkOf(held.context);
  if (other == 0 || other == link) return false;
  return livesOn(other, system, 0) || livesOn(other, system, Pdu.level);
}

function livesOn(link: u32, system: u64, level: u8): bool {
  for (let h = linkAt(link).head(level); h != 0; h = stationAt(h).sibling) {
    if (stationAt(h).system == system && !stationAt(h).has(STATION_SILENT)) return true;
  }
  return false;
}
