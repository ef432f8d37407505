/** Texts of OSPF values in `Text`. */
import { Text } from '../../../base/assembly/text.ts';

/** Dotted quad of a value in host order, appended. */
export function quad(value: u32): void {
  for (let shift: i32 = 24; shift >= 0; shift -= 8) {
    if (shift != 24) Text.char(46);
    Text.decimal(((value >>> (shift as u32)) & 255) as u64);
  }
}

/** Begins a text that is one dotted quad. */
export function quadText(value: u32): void {
  Text.begin();
  quad(value);
}

/** Length of a prefix with this mask: its leading ones. */
export function maskLength(mask: u32): u32 {
  return clz<u32>(~mask);
}

/** `address/length`, appended; bits behind the mask are left out (RFC 2328 appendix E). */
export function prefix(address: u32, mask: u32): void {
  const length = maskLength(mask);
  quad(length == 0 ? 0 : address & (0xffffffff << (32 - length)));
  Text.char(47);
  Text.decimal(length as u64);
}
