/** Reads for the API. */
export class Query {
  static answer(at: usize, length: u32): i32 { return 1; }
}
