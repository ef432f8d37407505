/** NOTIFICATION (RFC 4271 section 4.5) with the shutdown communication of RFC 9003. */
import { CEASE_RESET, CEASE_HARD_RESET, CEASE_SHUTDOWN, ERROR_CEASE, HEADER_BYTES } from './iana.ts';

@unmanaged
export class Notification {
  static code: u8 = 0;
  static subcode: u8 = 0;
  static textAt: usize = 0;
  static textLength: u32 = 0;

  /** Error code 8 | subcode 8 | data; for Cease 2 and 4 the data is length 8 and UTF-8 text (RFC 9003 section 2). */
  static parse(at: usize, length: u32): void {
    Notification.code = load<u8>(at, HEADER_BYTES);
    Notification.subcode = load<u8>(at, HEADER_BYTES + 1);
    Notification.textLength = 0;
    let data = at + HEADER_BYTES + 2;
    const end = at + length;
    if (Notification.code != ERROR_CEASE) return;
    let subcode = Notification.subcode;
    // RFC 8538 section 3: a hard reset carries the code, subcode and data of what it stands for.
    if (subcode == CEASE_HARD_RESET && data + 2 <= end) {
      if (load<u8>(data) != ERROR_CEASE) return;
      subcode = load<u8>(data, 1);
      data += 2;
    }
    if (subcode != CEASE_SHUTDOWN && subcode != CEASE_RESET) return;
    if (data >= end || data + 1 + load<u8>(data) > end) return;
    Notification.textAt = data + 1;
    Notification.textLength = load<u8>(data);
  }
}
