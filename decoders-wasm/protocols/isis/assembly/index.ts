/** Entry of isis.wasm. */
import { Chunk, CHUNK_DONE } from '../../../base/assembly/chunk.ts';
import { CURSOR_BYTES, Cursor } from '../../../base/assembly/cursor.ts';
import { Envelope } from '../../../base/assembly/envelope.ts';
import { Frame } from '../../../base/assembly/frame.ts';
import { PROTOCOL_ISIS } from '../../../base/assembly/generated/frame.ts';
import { ProtocolErrors } from '../../../base/assembly/generated/protocol-errors.ts';
import { Hash } from '../../../base/assembly/hash.ts';
import { Memory } from '../../../base/assembly/memory.ts';
import { StateReader, StateWriter } from '../../../base/assembly/state.ts';
import { Json } from '../../../base/assembly/json.ts';
import { Table, TABLE_BYTES } from '../../../base/assembly/table.ts';
import { Intern } from '../../../base/assembly/intern.ts';
import { Checksum } from '../../../base/assembly/checksum.ts';
import { Text } from '../../../base/assembly/text.ts';

export * from '../../../base/assembly/exports';

const c = Cursor.at(memory.data(CURSOR_BYTES));
const names = Table.at(memory.data(TABLE_BYTES));

/** Version of the contract between host and module. */
export function abi_version(): u32 {
  return 1;
}

export function setUp(seed: u64, memoryLimitBytes: u32): void {
  Hash.seed = seed;
  Memory.setLimit(memoryLimitBytes as usize);
  Intern.setUp(names, 1000);
}

export function process(at: usize, length: u32): i32 {
  return Chunk.run(at, length, PROTOCOL_ISIS, onTime, onFrame);
}

export function tick(tap: u32, boot: i64): i32 {
  Chunk.tick(tap, boot);
  return CHUNK_DONE;
}

export function exportState(): u64 {
  StateWriter.begin();
  StateWriter.u32(names.count);
  return StateWriter.length();
}

export function importState(at: usize, length: u32): bool {
  StateReader.over(at, length);
  StateReader.u32();
  return !StateReader.failed;
}

export function explain(at: usize, length: u32): i32 {
  Frame.at = at;
  Json.begin();
  Json.open();
  Json.key('a');
  Json.number(length);
  Json.close();
  return 0;
}

function onTime(tap: u32): void {}

function onFrame(): void {
  c.over(Frame.payload(), Frame.payloadHere());
  const kind = c.u8();
  Intern.acquire(names, Frame.payload(), 8);
  Envelope.fromFrame();
  ProtocolErrors.clear();
  Text.begin();
  Text.decimal(kind);
  Text.ipv6(Frame.payload());
  ProtocolErrors.errorText();
  Text.begin();
  Text.literal(Checksum.fletcherHolds(Frame.payload(), 10) ? 'yes' : 'no');
  ProtocolErrors.detailText();
  ProtocolErrors.emit(Frame.payload(), 4, 0);
}
