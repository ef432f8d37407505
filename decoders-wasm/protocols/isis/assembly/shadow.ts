/** The path of one frame through the shadow: parse and validate, then know it again from other taps, then apply. */
import { Taps, Frame } from '../../../base/assembly/frame.ts';
import { FLAG_REDACTED, FLAG_TRUNCATED } from '../../../base/assembly/generated/frame.ts';
import { fromFrame, readSnpa, SnpaScratch } from './adjacency.ts';
import { CAUSE_BAD_TLV, CAUSE_LEVEL_MISMATCH, report } from './cause.ts';
import { watchClaims } from './claims.ts';
import { linkSeen } from './deadlines.ts';
import { PDU_OK, quarantineFrame } from './errors.ts';
import { Hello } from './hello.ts';
import { applyLanHello, levelAllowed } from './lan.ts';
import { linkAt, linkOf } from './link.ts';
import { learnFromLsp } from './lsp-evidence.ts';
import { applyLsp } from './lsdb.ts';
import { Lsp } from './lsp.ts';
import { applyP2pHello } from './p2p.ts';
import { Pdu } from './pdu.ts';
import { flushCounts } from './rows.ts';
import { seenElsewhere } from './taps.ts';
import { checkReachability } from './reachability.ts';
import { Snp } from './snp.ts';
import { compareDatabase } from './synchronized.ts';
import { TlvErrors } from './tlv-errors.ts';

/** Parses the PDU of the frame into the static structures; PDU_OK or an error. */
export function parseFrame(): i32 {
  TlvErrors.clear();
  const truncated = (Frame.flags() & FLAG_TRUNCATED) != 0;
  const header = Pdu.parse(Frame.payload(), Frame.payloadHere(), truncated);
  if (header != PDU_OK) return header;
  if (Pdu.isHello()) return Hello.parse();
  if (!Pdu.isLsp()) return Snp.parse();
  const lsp = Lsp.parse((Frame.flags() & FLAG_REDACTED) != 0);
  if (lsp == PDU_OK) checkReachability();
  return lsp;
}

/** Handles the frame under the decoder. */
export function handleFrame(): void {
  const error = parseFrame();
  if (error != PDU_OK) {
    quarantineFrame(error, Pdu.errorOffset);
    return;
  }
  const link = linkOf(Frame.context());
  if (link == 0) return;
  const tap = linkAt(link).tapIndex(Frame.tap());
  if (linkAt(link).blind != 0 && Taps.isOpen(Frame.tap())) linkSeen(link, Frame.tap(), Frame.boot());
  if (seenElsewhere(link, tap)) return;
  const hasSnpa = readSnpa();
  const snpa = hasSnpa ? SnpaScratch.value : 0;
  fromFrame();
  let sender: u64 = 0;
  if (Pdu.isHello()) {
    sender = Hello.system;
    applyHello(link, snpa);
  } else if (Pdu.isLsp()) {
    sender = Lsp.system(Lsp.id);
    if (hasSnpa) watchClaims(link, snpa);
    if (applyLsp(link, linkAt(link).shadow)) learnFromLsp(link, snpa, hasSnpa);
  } else {
    sender = Snp.system;
    if (Snp.isComplete()) compareDatabase(linkAt(link).shadow);
  }
  for (let i: u32 = 0; i < TlvErrors.count; i++) {
    fromFrame();
    report(link, CAUSE_BAD_TLV, TlvErrors.type(i), Pdu.level, sender, 0);
  }
  fromFrame();
  flushCounts();
}

function applyHello(link: u32, snpa: u64): void {
  if (Pdu.level == 0) {
    applyP2pHello(link, snpa);
    return;
  }
  if (!levelAllowed(Pdu.level)) {
    report(link, CAUSE_LEVEL_MISMATCH, 0, Pdu.level, Hello.system, 0);
    return;
  }
  applyLanHello(link, Pdu.level, snpa);
}
