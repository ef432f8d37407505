/** The link-state database (stub until its rules land). */
export function compareLsps(a: u32, b: u32): i32 {
  return 0;
}
