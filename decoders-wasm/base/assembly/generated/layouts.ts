// Generated from decoders-wasm/catalogue by `npm run generate`; do not edit.

/** Version of the layout in which this module writes rows of the table. */
export function layoutVersionOf(table: u32): u32 {
  if (table == 3) return 2;
  if (table == 5) return 3;
  if (table == 11) return 2;
  return 1;
}
