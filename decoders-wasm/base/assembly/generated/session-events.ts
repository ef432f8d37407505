// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.
import { Envelope } from '../envelope.ts';
import { RowWriter } from '../rows.ts';
import { Text } from '../text.ts';

export const TABLE_SESSION_EVENTS: u32 = 7;

/** One transition of one end's view of a BGP session; two ends, two rows. Row key: session key (code of the context), end, new state. */
@unmanaged
export class SessionEvents {
  /** Whose view: 0 the first address of the session key, 1 the second; becomes router and peer. */
  static fromHigher: u8 = 0;
  /** The end's AS from its OPEN; 0 unknown. */
  static routerAs: u32 = 0;
  /** The other end's AS; 0 unknown. */
  static peerAs: u32 = 0;
  /** BGP identifier from the OPEN; empty unknown. */
  static routerIdAt: usize = 0;
  static routerIdLength: u32 = 0;
  /** The other end's BGP identifier. */
  static peerIdAt: usize = 0;
  static peerIdLength: u32 = 0;
  /** State before. */
  static prevState: u8 = 0;
  /** State after. */
  static state: u8 = 0;
  /** Why, from a closed list. */
  static reason: u8 = 0;
  /** NOTIFICATION error code; 0 none. */
  static code: u8 = 0;
  /** NOTIFICATION error subcode. */
  static subcode: u8 = 0;
  /** Shutdown communication (RFC 9003); empty none. */
  static shutdownTextAt: usize = 0;
  static shutdownTextLength: u32 = 0;
  /** Whether capabilities come from the OPENs, from what parses, or are assumed. */
  static capabilitySource: u8 = 0;
  /** Negotiated hold time; 0 none or unknown. Unit: s. */
  static holdTime: u16 = 0;
  /** full: both directions seen; partial: one. */
  static coverage: u8 = 0;
  /** Capabilities in force, as comma-separated names; empty unknown. */
  static capabilitiesAt: usize = 0;
  static capabilitiesLength: u32 = 0;

  /** Sets every column to zero or empty. */
  static clear(): void {
    SessionEvents.fromHigher = 0;
    SessionEvents.routerAs = 0;
    SessionEvents.peerAs = 0;
    SessionEvents.routerIdLength = 0;
    SessionEvents.peerIdLength = 0;
    SessionEvents.prevState = 0;
    SessionEvents.state = 0;
    SessionEvents.reason = 0;
    SessionEvents.code = 0;
    SessionEvents.subcode = 0;
    SessionEvents.shutdownTextLength = 0;
    SessionEvents.capabilitySource = 0;
    SessionEvents.holdTime = 0;
    SessionEvents.coverage = 0;
    SessionEvents.capabilitiesLength = 0;
  }

  /** Writes the row behind the envelope; false when memory refused it. */
  static emit(key: usize, keyLength: u32, ordinal: u32): bool {
    if (!RowWriter.begin(7, 102 + SessionEvents.routerIdLength + SessionEvents.peerIdLength + SessionEvents.shutdownTextLength + SessionEvents.capabilitiesLength)) return false;
    let at = Envelope.write(7, key, keyLength, ordinal);
    store<u8>(at, SessionEvents.fromHigher);
    store<u32>(at, SessionEvents.routerAs, 1);
    store<u32>(at, SessionEvents.peerAs, 5);
    at = RowWriter.counted(at + 9, SessionEvents.routerIdLength, SessionEvents.routerIdAt, SessionEvents.routerIdLength);
    at = RowWriter.counted(at, SessionEvents.peerIdLength, SessionEvents.peerIdAt, SessionEvents.peerIdLength);
    store<u8>(at, SessionEvents.prevState);
    store<u8>(at, SessionEvents.state, 1);
    store<u8>(at, SessionEvents.reason, 2);
    store<u8>(at, SessionEvents.code, 3);
    store<u8>(at, SessionEvents.subcode, 4);
    at = RowWriter.counted(at + 5, SessionEvents.shutdownTextLength, SessionEvents.shutdownTextAt, SessionEvents.shutdownTextLength);
    store<u8>(at, SessionEvents.capabilitySource);
    store<u16>(at, SessionEvents.holdTime, 1);
    store<u8>(at, SessionEvents.coverage, 3);
    at = RowWriter.counted(at + 4, SessionEvents.capabilitiesLength, SessionEvents.capabilitiesAt, SessionEvents.capabilitiesLength);
    RowWriter.end(at);
    return true;
  }

  /** Takes the text written since Text.begin() as `router_id`. */
  static routerIdText(): void {
    SessionEvents.routerIdAt = Text.start;
    SessionEvents.routerIdLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `peer_id`. */
  static peerIdText(): void {
    SessionEvents.peerIdAt = Text.start;
    SessionEvents.peerIdLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `shutdown_text`. */
  static shutdownTextText(): void {
    SessionEvents.shutdownTextAt = Text.start;
    SessionEvents.shutdownTextLength = Text.length();
  }

  /** Takes the text written since Text.begin() as `capabilities`. */
  static capabilitiesText(): void {
    SessionEvents.capabilitiesAt = Text.start;
    SessionEvents.capabilitiesLength = Text.length();
  }
}
