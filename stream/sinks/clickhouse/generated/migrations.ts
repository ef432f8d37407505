// Generated from decoders-wasm/catalogue and infra/dev/generate/ddl by `npm run generate`; do not edit.

export interface Migration {
  /** From 1, without gaps. */
  number: number;
  name: string;
  statements: string[];
}

/** For one process on one machine: MergeTree. */
export const embeddedMigrations: Migration[] = [
  {
    number: 1,
    name: 'SQL functions',
    statements: [
      `CREATE OR REPLACE FUNCTION row_order AS (decided_time, frame_offset, frame_index, ordinal) ->
bitShiftLeft(toUInt256(greatest(toUnixTimestamp64Nano(decided_time), toInt64(0))), 128) + bitShiftLeft(toUInt256(frame_offset), 64)
+ bitShiftLeft(toUInt256(frame_index), 32) + toUInt256(ordinal)`,
      `CREATE OR REPLACE FUNCTION covered_by AS (address, length, outer) ->
address >= tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', outer)[1]), toUInt8(toUInt8(splitByChar('/', outer)[2]) + if(position(outer, ':') = 0, 96, 0))), 1) AND address <= tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', outer)[1]), toUInt8(toUInt8(splitByChar('/', outer)[2]) + if(position(outer, ':') = 0, 96, 0))), 2)
AND length >= toUInt8(splitByChar('/', outer)[2]) AND (position(outer, ':') = 0) = (address BETWEEN toIPv6('::ffff:0.0.0.0') AND toIPv6('::ffff:255.255.255.255'))`,
      `CREATE OR REPLACE FUNCTION covers AS (address, length, inner) ->
(address, length) IN (tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(0, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(0, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(1, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(1, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(2, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(2, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(3, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(3, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(4, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(4, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(5, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(5, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(6, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(6, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(7, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(7, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(8, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(8, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(9, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(9, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(10, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(10, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(11, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(11, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(12, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(12, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(13, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(13, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(14, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(14, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(15, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(15, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(16, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(16, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(17, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(17, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(18, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(18, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(19, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(19, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(20, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(20, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(21, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(21, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(22, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(22, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(23, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(23, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(24, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(24, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(25, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(25, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(26, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(26, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(27, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(27, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(28, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(28, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(29, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(29, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(30, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(30, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(31, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(31, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(32, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(32, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(33, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(33, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(34, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(34, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(35, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(35, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(36, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(36, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(37, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(37, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(38, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(38, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(39, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(39, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(40, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(40, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(41, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(41, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(42, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(42, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(43, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(43, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(44, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(44, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(45, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(45, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(46, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(46, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(47, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(47, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(48, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(48, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(49, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(49, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(50, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(50, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(51, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(51, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(52, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(52, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(53, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(53, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(54, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(54, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(55, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(55, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(56, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(56, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(57, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(57, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(58, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(58, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(59, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(59, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(60, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(60, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(61, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(61, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(62, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(62, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(63, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(63, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(64, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(64, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(65, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(65, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(66, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(66, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(67, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(67, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(68, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(68, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(69, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(69, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(70, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(70, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(71, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(71, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(72, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(72, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(73, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(73, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(74, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(74, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(75, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(75, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(76, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(76, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(77, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(77, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(78, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(78, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(79, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(79, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(80, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(80, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(81, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(81, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(82, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(82, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(83, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(83, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(84, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(84, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(85, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(85, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(86, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(86, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(87, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(87, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(88, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(88, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(89, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(89, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(90, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(90, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(91, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(91, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(92, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(92, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(93, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(93, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(94, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(94, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(95, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(95, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(96, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(96, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(97, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(97, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(98, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(98, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(99, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(99, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(100, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(100, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(101, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(101, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(102, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(102, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(103, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(103, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(104, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(104, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(105, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(105, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(106, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(106, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(107, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(107, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(108, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(108, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(109, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(109, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(110, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(110, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(111, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(111, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(112, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(112, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(113, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(113, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(114, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(114, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(115, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(115, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(116, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(116, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(117, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(117, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(118, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(118, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(119, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(119, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(120, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(120, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(121, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(121, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(122, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(122, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(123, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(123, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(124, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(124, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(125, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(125, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(126, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(126, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(127, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(127, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(128, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(128, toUInt8(splitByChar('/', inner)[2])))) AND (position(inner, ':') = 0) = (address BETWEEN toIPv6('::ffff:0.0.0.0') AND toIPv6('::ffff:255.255.255.255'))`,
    ],
  },
  {
    number: 2,
    name: 'inventory',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.router_inventory
(
    \`domain\` LowCardinality(String),
    \`name\` String,
    \`site\` LowCardinality(String),
    \`role\` LowCardinality(String),
    \`system_id\` String COMMENT 'IS-IS system id \`0000.0000.0001\`; empty: none.',
    \`router_ids\` Array(String) COMMENT 'OSPF router ids and BGP identifiers.',
    \`as_number\` UInt32,
    \`addresses\` Array(String) COMMENT 'Loopback and interface addresses.',
    \`removed\` Bool DEFAULT false COMMENT 'Takes the entry back.',
    \`updated_at\` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'The newest row of a key counts.'
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (domain, name)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'Routers as the administrator names them.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.interfaces
(
    \`domain\` LowCardinality(String),
    \`router_name\` String,
    \`interface_name\` String,
    \`address\` String COMMENT 'Interface address without length; empty: none.',
    \`link\` LowCardinality(String) COMMENT 'Link that it is on, as in the event tables; empty: unknown.',
    \`description\` String,
    \`removed\` Bool DEFAULT false COMMENT 'Takes the entry back.',
    \`updated_at\` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'The newest row of a key counts.'
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (domain, router_name, interface_name, address)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'Interfaces as the administrator names them.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.expected_neighbors
(
    \`domain\` LowCardinality(String),
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\`, \`ospfv3\` or \`bgp\`.',
    \`router\` String COMMENT 'System id, router id, address (bgp) or inventory name.',
    \`neighbor\` String,
    \`link\` LowCardinality(String) COMMENT 'Empty: on whatever link.',
    \`removed\` Bool DEFAULT false COMMENT 'Takes the entry back.',
    \`updated_at\` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'The newest row of a key counts.'
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (domain, protocol, router, neighbor, link)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'Which neighbours a router should have.'`,
      `CREATE OR REPLACE VIEW routewatch.expected_counts AS
SELECT domain AS domain, protocol AS protocol, router AS router, link AS link, toUInt32(uniqExact(neighbor)) AS expected
FROM routewatch.expected_neighbors FINAL
WHERE NOT removed
GROUP BY domain, protocol, router, link`,
      `CREATE DICTIONARY IF NOT EXISTS routewatch.expected_counts_dictionary
(domain String, protocol String, router String, link String, expected UInt32)
PRIMARY KEY domain, protocol, router, link
SOURCE(CLICKHOUSE(QUERY 'SELECT toString(domain) AS domain, toString(protocol) AS protocol, router, toString(link) AS link, expected FROM routewatch.expected_counts'))
LAYOUT(COMPLEX_KEY_DIRECT())`,
    ],
  },
  {
    number: 3,
    name: 'event tables',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.adjacency_events
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level 1 or 2; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id as a dotted quad; empty for IS-IS.',
    \`router\` LowCardinality(String) COMMENT 'Whose view changed: system id \`0000.0000.0001\` or router id.',
    \`neighbor\` LowCardinality(String) COMMENT 'Whom the view is of.',
    \`router_name\` LowCardinality(String) COMMENT 'Hostname of \`router\` learned from the wire, empty before.',
    \`neighbor_name\` LowCardinality(String) COMMENT 'Hostname of \`neighbor\` learned from the wire, empty before.',
    \`local_address\` LowCardinality(String) COMMENT 'Interface address of \`router\`; empty where unknown.',
    \`neighbor_address\` LowCardinality(String) COMMENT 'Interface address of \`neighbor\`; empty where unknown.',
    \`neighbor_snpa\` LowCardinality(String) COMMENT 'SNPA (MAC address) of the neighbour; empty for OSPF.',
    \`circuit_id\` UInt32 COMMENT 'IS-IS: the neighbour\\'s (extended) local circuit id; 0 where unknown.',
    \`vlan\` UInt16 COMMENT 'VLAN id of the outermost tag; 0 untagged.',
    \`prev_state\` LowCardinality(String) COMMENT 'State before; \`unknown\` at first sight.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`reason\` LowCardinality(String) COMMENT 'Why, from a closed list.',
    \`detail\` LowCardinality(String) COMMENT 'For config-mismatch the YANG \`error\`; else empty or a flag such as restart, suppressed.',
    \`hold_time\` UInt32 COMMENT 'Hold time (OSPF: dead interval) in force for the view. Unit: s.',
    \`last_hello\` DateTime64(9, 'UTC') COMMENT 'Time of the neighbour\\'s last hello that the router accepted; 1970 where there was none.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, router, neighbor, link, time, event_id)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'One transition of what one router believes of one neighbour (a directed view), IS-IS and OSPF.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.neighbor_counts
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`router\` LowCardinality(String) COMMENT 'System id or router id.',
    \`router_name\` LowCardinality(String) COMMENT 'Hostname learned from the wire.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS.',
    \`adjacencies\` UInt32 COMMENT 'Views that are up (IS-IS) or at least 2-way (OSPF).',
    \`neighbors\` UInt32 COMMENT 'Distinct neighbours among them.',
    \`full\` UInt32 COMMENT 'OSPF: views that are full; IS-IS: views that are up.',
    \`two_way\` UInt32 COMMENT 'OSPF: views that rest at 2-way; IS-IS: 0.',
    \`coverage\` LowCardinality(String) COMMENT 'Whether the count can be believed.',
    \`expected\` Nullable(UInt32) ALIAS dictGetOrNull('routewatch.expected_counts_dictionary', 'expected', (toString(domain), toString(protocol), toString(router), toString(link))) COMMENT 'Neighbours that the inventory expects on the link, joined when read; NULL: it says nothing.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, router, link, level, area, time, event_id)
TTL toDateTime(ingest_time) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1
COMMENT 'Neighbours of one router on one link, written on change and once a minute.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.topology_changes
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS and AS scope.',
    \`object_type\` LowCardinality(String) COMMENT '\`node\`, \`link\`, \`prefix\` or \`lan\`.',
    \`object_key\` String COMMENT 'node: its id; link: \`A -> B\` (pseudonodes resolved), with \`#n\` for parallel ones; prefix: \`router prefix\`; lan: id.',
    \`router\` LowCardinality(String) COMMENT 'The advertising router (for a lan: the reporter or empty).',
    \`router_name\` LowCardinality(String) COMMENT 'Its hostname learned from the wire.',
    \`neighbor\` LowCardinality(String) COMMENT 'Far end of a link; else empty.',
    \`prefix\` String COMMENT 'For a prefix: address/length; else empty.',
    \`change\` LowCardinality(String) COMMENT '\`added\`, \`removed\` or \`changed\`.',
    \`field\` LowCardinality(String) COMMENT 'What changed: \`exists\` when the object appeared or vanished (its metric as the number; other fields that it has are rows of the same frame), \`metric\`, \`overload\`, \`hostname\`, \`dis\`, ... as in the YANG modules.',
    \`old_number\` Nullable(Int64) COMMENT 'Old value where it is a number.',
    \`new_number\` Nullable(Int64) COMMENT 'New value where it is a number.',
    \`old_text\` String COMMENT 'Old value where it is text.',
    \`new_text\` String COMMENT 'New value where it is text.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, object_type, object_key, time, event_id)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'One field of one object of the graph: a node, link, prefix or LAN appeared, vanished or changed.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.route_changes
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`sender\` LowCardinality(String) COMMENT 'Address of the speaker that sent it.',
    \`receiver\` LowCardinality(String) COMMENT 'Address of the speaker that it was sent to.',
    \`afi_safi\` LowCardinality(String) COMMENT 'Address family as in iana-bgp-types.',
    \`prefix_address\` IPv6 COMMENT 'Network address, IPv4 mapped.',
    \`prefix_length\` UInt8 COMMENT 'Prefix length of the family (IPv4: 0-32).',
    \`prefix\` String ALIAS concat(if(afi_safi LIKE 'ipv4%', substring(toString(prefix_address), 8), toString(prefix_address)), '/', toString(prefix_length)) COMMENT 'Prefix as text.',
    \`path_id\` UInt32 COMMENT 'ADD-PATH path identifier (RFC 7911); 0 without.',
    \`change_class\` LowCardinality(String) COMMENT 'tup, tdown, aadiff, aadup, wwdup (Labovitz).',
    \`attributes\` UInt128 COMMENT 'Content hash of the attribute set; 0 when withdrawn.',
    \`prev_attributes\` UInt128 COMMENT 'Content hash of the set before; 0 when there was none.',
    \`origin_as\` UInt32 COMMENT 'Last AS of the path; 0 for none (iBGP-originated) or when it ends in a set. A withdrawal has that of the withdrawn route.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1,
    PROJECTION by_session (SELECT * ORDER BY sender, receiver, time)
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (afi_safi, prefix_address, prefix_length, sender, receiver, time, event_id)
TTL toDateTime(ingest_time) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1
COMMENT 'One change in what \`sender\` tells \`receiver\` (the receiver\\'s Adj-RIB-In, the sender\\'s Adj-RIB-Out).'`,
      `CREATE TABLE IF NOT EXISTS routewatch.path_attributes
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`attributes\` UInt128 COMMENT 'Content hash (MurmurHash3 x64-128 of the canonical set: attributes by code, flags masked, next hop of the family).',
    \`origin\` LowCardinality(String) COMMENT '\`igp\`, \`egp\`, \`incomplete\`; empty when absent.',
    \`as_path\` Array(UInt32) COMMENT 'All AS numbers in order, members of sets included.',
    \`as_path_text\` String COMMENT '\`65002 65001 {64999}\`; confederations in parentheses.',
    \`origin_as\` UInt32 COMMENT 'Last AS of the path; 0 where there is none.',
    \`first_as\` UInt32 COMMENT 'First AS of the path; 0 where there is none.',
    \`next_hop\` String COMMENT 'Next hop address (global one of two).',
    \`next_hop_link_local\` String COMMENT 'Link-local next hop (RFC 2545); else empty.',
    \`med\` Nullable(UInt32) COMMENT 'MULTI_EXIT_DISC.',
    \`local_pref\` Nullable(UInt32) COMMENT 'LOCAL_PREF.',
    \`atomic_aggregate\` Bool COMMENT 'ATOMIC_AGGREGATE present.',
    \`aggregator\` String COMMENT '\`AS address\`; else empty.',
    \`communities\` Array(String) COMMENT '\`65002:1\`, as sent.',
    \`large_communities\` Array(String) COMMENT '\`65002:1:2\`, as sent.',
    \`ext_communities\` Array(String) COMMENT '\`rt:65000:99\`, \`soo:...\`, or 16 hex digits.',
    \`originator_id\` String COMMENT 'ORIGINATOR_ID (RFC 4456); else empty.',
    \`cluster_list\` Array(String) COMMENT 'CLUSTER_LIST as dotted quads.',
    \`other\` Array(String) DEFAULT [] COMMENT 'Reserved for attributes with columns of their own later.',
    \`raw\` String COMMENT 'The canonical attribute bytes, unknown attributes included.' CODEC(ZSTD(3)),
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (attributes, event_id)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'One attribute set, written at its first use by a shadow; equal sets have equal hashes everywhere. Of several rows of one set the newest counts: another decoder may have read it anew.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.rib_marks
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`sender\` LowCardinality(String) COMMENT 'Address of the speaker.',
    \`receiver\` LowCardinality(String) COMMENT 'Address of its peer.',
    \`afi_safi\` LowCardinality(String) COMMENT 'Address family.',
    \`mark\` LowCardinality(String) COMMENT '\`flush\`: all gone; \`stale\`: kept, stale; \`sweep\`: those still stale are gone.',
    \`reason\` LowCardinality(String) COMMENT 'Why.',
    \`routes\` UInt32 COMMENT 'How many routes it concerned.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (sender, receiver, afi_safi, time, event_id)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'All routes of a sender, receiver and family were dropped, marked stale, or swept of what stayed stale.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.session_events
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`router\` LowCardinality(String) COMMENT 'Address of the end whose view changed.',
    \`peer\` LowCardinality(String) COMMENT 'Address of the other end.',
    \`router_as\` UInt32 COMMENT 'The end\\'s AS from its OPEN; 0 unknown.',
    \`peer_as\` UInt32 COMMENT 'The other end\\'s AS; 0 unknown.',
    \`router_id\` LowCardinality(String) COMMENT 'BGP identifier from the OPEN; empty unknown.',
    \`peer_id\` LowCardinality(String) COMMENT 'The other end\\'s BGP identifier.',
    \`prev_state\` LowCardinality(String) COMMENT 'State before.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`reason\` LowCardinality(String) COMMENT 'Why, from a closed list.',
    \`code\` UInt8 COMMENT 'NOTIFICATION error code; 0 none.',
    \`subcode\` UInt8 COMMENT 'NOTIFICATION error subcode.',
    \`shutdown_text\` String COMMENT 'Shutdown communication (RFC 9003); empty none.',
    \`capability_source\` LowCardinality(String) COMMENT 'Whether capabilities come from the OPENs, from what parses, or are assumed.',
    \`hold_time\` UInt16 COMMENT 'Negotiated hold time; 0 none or unknown. Unit: s.',
    \`coverage\` LowCardinality(String) COMMENT 'full: both directions seen; partial: one.',
    \`capabilities\` String COMMENT 'Capabilities in force, as comma-separated names; empty unknown.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, router, peer, link, time, event_id)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'One transition of one end\\'s view of a BGP session; two ends, two rows.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.protocol_errors
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT 'Protocol.',
    \`sender\` LowCardinality(String) COMMENT 'System id, router id or address of who did it.',
    \`receiver\` LowCardinality(String) COMMENT 'Who had to refuse it; empty: everyone.',
    \`error\` LowCardinality(String) COMMENT 'YANG \`error\` value or one of our list, such as \`isis.area_mismatch\`.',
    \`detail\` String COMMENT 'What was found and what was expected.',
    \`count\` UInt32 COMMENT 'How often since the last row of the same cause.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, sender, error, time, event_id)
TTL toDateTime(ingest_time) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1
COMMENT 'A refused hello, a bad TLV or attribute, an RFC 7606 case: once per cause and minute, with a count.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.coverage_events
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`what\` LowCardinality(String) COMMENT 'tap-opened, tap-closed, coverage-lost, coverage-suspect, gap, state-reset, restored.',
    \`subject\` String COMMENT 'The tap, or the session or link that it concerns.',
    \`from\` DateTime64(9, 'UTC') COMMENT 'Begin of the interval.',
    \`to\` DateTime64(9, 'UTC') COMMENT 'End of the interval; 1970 while it lasts.',
    \`lost\` UInt64 COMMENT 'Frames or bytes that are known to be missing.',
    \`detail\` String COMMENT 'What happened, for people.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, tap, time, event_id)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'A tap opened, closed, was lost, has a gap, or came back. Blind is not down.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.quarantine
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT 'Protocol of the frame.',
    \`error\` LowCardinality(String) COMMENT 'Code from a closed list: \`isis.pdu-short\`, \`trap\`, \`watchdog\`, \`mad-time\`, ...',
    \`error_offset\` UInt32 COMMENT 'Byte of the PDU where it was found.',
    \`source_line\` LowCardinality(String) COMMENT 'For a trap: source file and line of the decoder.',
    \`bytes\` String COMMENT 'The raw bytes of the frame.' CODEC(ZSTD(3)),
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, error, time, event_id)
TTL toDateTime(ingest_time) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1
COMMENT 'A frame that could not be used: PDU-level parse error, trap, watchdog, mad time.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.router_names
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT 'Where it was learned.',
    \`router\` LowCardinality(String) COMMENT 'System id, router id or BGP identifier.',
    \`attribute\` LowCardinality(String) COMMENT 'What is said of it.',
    \`value\` String COMMENT 'The value; empty: withdrawn.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, router, attribute, value, time, event_id)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'One identity of a router learned from the wire; feeds \`routers\`.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.lsdb_changes
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS and AS scope.',
    \`lsa_type\` UInt8 COMMENT 'OSPF LS type; 0 for IS-IS.',
    \`lsa_id\` String COMMENT 'LSP id \`0000.0000.0001.00-00\` or link state id.',
    \`advertising_router\` LowCardinality(String) COMMENT 'System id or router id of the originator.',
    \`change\` LowCardinality(String) COMMENT 'What the instance is against the one before.',
    \`sequence\` UInt32 COMMENT 'Sequence number, as on the wire.',
    \`checksum\` UInt16 COMMENT 'Checksum, as on the wire.',
    \`lifetime\` UInt16 COMMENT 'IS-IS: remaining lifetime; OSPF: LS age. Unit: s.',
    \`pdu\` String COMMENT 'The LSP or LSA itself; empty when refreshed with equal content.' CODEC(ZSTD(3)),
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, level, area, lsa_type, lsa_id, advertising_router, time, event_id)
TTL toDateTime(ingest_time) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 100000, ttl_only_drop_parts = 1
COMMENT 'A newer instance of an LSP or LSA was adopted: new, changed, refreshed, purged or expired.'`,
    ],
  },
  {
    number: 4,
    name: 'current rows',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.adjacencies_state
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level 1 or 2; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id as a dotted quad; empty for IS-IS.',
    \`router\` LowCardinality(String) COMMENT 'Whose view changed: system id \`0000.0000.0001\` or router id.',
    \`neighbor\` LowCardinality(String) COMMENT 'Whom the view is of.',
    \`router_name\` LowCardinality(String) COMMENT 'Hostname of \`router\` learned from the wire, empty before.',
    \`neighbor_name\` LowCardinality(String) COMMENT 'Hostname of \`neighbor\` learned from the wire, empty before.',
    \`local_address\` LowCardinality(String) COMMENT 'Interface address of \`router\`; empty where unknown.',
    \`neighbor_address\` LowCardinality(String) COMMENT 'Interface address of \`neighbor\`; empty where unknown.',
    \`neighbor_snpa\` LowCardinality(String) COMMENT 'SNPA (MAC address) of the neighbour; empty for OSPF.',
    \`circuit_id\` UInt32 COMMENT 'IS-IS: the neighbour\\'s (extended) local circuit id; 0 where unknown.',
    \`vlan\` UInt16 COMMENT 'VLAN id of the outermost tag; 0 untagged.',
    \`prev_state\` LowCardinality(String) COMMENT 'State before; \`unknown\` at first sight.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`reason\` LowCardinality(String) COMMENT 'Why, from a closed list.',
    \`detail\` LowCardinality(String) COMMENT 'For config-mismatch the YANG \`error\`; else empty or a flag such as restart, suppressed.',
    \`hold_time\` UInt32 COMMENT 'Hold time (OSPF: dead interval) in force for the view. Unit: s.',
    \`last_hello\` DateTime64(9, 'UTC') COMMENT 'Time of the neighbour\\'s last hello that the router accepted; 1970 where there was none.',
    \`view_address\` LowCardinality(String),
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (domain, network_instance, protocol, router, neighbor, link, level, view_address)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'The newest row of adjacency_events for each (domain, network_instance, protocol, router, neighbor, link, level, view_address); never expires.'`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.adjacencies_state_view
TO routewatch.adjacencies_state AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`level\`,
    \`area\`,
    \`router\`,
    \`neighbor\`,
    \`router_name\`,
    \`neighbor_name\`,
    \`local_address\`,
    \`neighbor_address\`,
    \`neighbor_snpa\`,
    \`circuit_id\`,
    \`vlan\`,
    \`prev_state\`,
    \`state\`,
    \`reason\`,
    \`detail\`,
    \`hold_time\`,
    \`last_hello\`,
    if(protocol = 'isis', neighbor_snpa, neighbor_address) AS \`view_address\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.adjacency_events
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.neighbor_counts_state
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`router\` LowCardinality(String) COMMENT 'System id or router id.',
    \`router_name\` LowCardinality(String) COMMENT 'Hostname learned from the wire.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS.',
    \`adjacencies\` UInt32 COMMENT 'Views that are up (IS-IS) or at least 2-way (OSPF).',
    \`neighbors\` UInt32 COMMENT 'Distinct neighbours among them.',
    \`full\` UInt32 COMMENT 'OSPF: views that are full; IS-IS: views that are up.',
    \`two_way\` UInt32 COMMENT 'OSPF: views that rest at 2-way; IS-IS: 0.',
    \`coverage\` LowCardinality(String) COMMENT 'Whether the count can be believed.',
    \`expected\` Nullable(UInt32) ALIAS dictGetOrNull('routewatch.expected_counts_dictionary', 'expected', (toString(domain), toString(protocol), toString(router), toString(link))) COMMENT 'Neighbours that the inventory expects on the link, joined when read; NULL: it says nothing.',
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (domain, network_instance, protocol, router, link, level, area)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'The newest row of neighbor_counts for each (domain, network_instance, protocol, router, link, level, area); never expires.'`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.neighbor_counts_state_view
TO routewatch.neighbor_counts_state AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`router\`,
    \`router_name\`,
    \`level\`,
    \`area\`,
    \`adjacencies\`,
    \`neighbors\`,
    \`full\`,
    \`two_way\`,
    \`coverage\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.neighbor_counts
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.topology_state
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS and AS scope.',
    \`object_type\` LowCardinality(String) COMMENT '\`node\`, \`link\`, \`prefix\` or \`lan\`.',
    \`object_key\` String COMMENT 'node: its id; link: \`A -> B\` (pseudonodes resolved), with \`#n\` for parallel ones; prefix: \`router prefix\`; lan: id.',
    \`router\` LowCardinality(String) COMMENT 'The advertising router (for a lan: the reporter or empty).',
    \`router_name\` LowCardinality(String) COMMENT 'Its hostname learned from the wire.',
    \`neighbor\` LowCardinality(String) COMMENT 'Far end of a link; else empty.',
    \`prefix\` String COMMENT 'For a prefix: address/length; else empty.',
    \`change\` LowCardinality(String) COMMENT '\`added\`, \`removed\` or \`changed\`.',
    \`field\` LowCardinality(String) COMMENT 'What changed: \`exists\` when the object appeared or vanished (its metric as the number; other fields that it has are rows of the same frame), \`metric\`, \`overload\`, \`hostname\`, \`dis\`, ... as in the YANG modules.',
    \`old_number\` Nullable(Int64) COMMENT 'Old value where it is a number.',
    \`new_number\` Nullable(Int64) COMMENT 'New value where it is a number.',
    \`old_text\` String COMMENT 'Old value where it is text.',
    \`new_text\` String COMMENT 'New value where it is text.',
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (domain, network_instance, protocol, level, area, object_type, object_key, field)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'The newest row of topology_changes for each (domain, network_instance, protocol, level, area, object_type, object_key, field); never expires.'`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.topology_state_view
TO routewatch.topology_state AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`level\`,
    \`area\`,
    \`object_type\`,
    \`object_key\`,
    \`router\`,
    \`router_name\`,
    \`neighbor\`,
    \`prefix\`,
    \`change\`,
    \`field\`,
    \`old_number\`,
    \`new_number\`,
    \`old_text\`,
    \`new_text\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.topology_changes
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.rib_paths
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`sender\` LowCardinality(String) COMMENT 'Address of the speaker that sent it.',
    \`receiver\` LowCardinality(String) COMMENT 'Address of the speaker that it was sent to.',
    \`afi_safi\` LowCardinality(String) COMMENT 'Address family as in iana-bgp-types.',
    \`prefix_address\` IPv6 COMMENT 'Network address, IPv4 mapped.',
    \`prefix_length\` UInt8 COMMENT 'Prefix length of the family (IPv4: 0-32).',
    \`prefix\` String ALIAS concat(if(afi_safi LIKE 'ipv4%', substring(toString(prefix_address), 8), toString(prefix_address)), '/', toString(prefix_length)) COMMENT 'Prefix as text.',
    \`path_id\` UInt32 COMMENT 'ADD-PATH path identifier (RFC 7911); 0 without.',
    \`change_class\` LowCardinality(String) COMMENT 'tup, tdown, aadiff, aadup, wwdup (Labovitz).',
    \`attributes\` UInt128 COMMENT 'Content hash of the attribute set; 0 when withdrawn.',
    \`prev_attributes\` UInt128 COMMENT 'Content hash of the set before; 0 when there was none.',
    \`origin_as\` UInt32 COMMENT 'Last AS of the path; 0 for none (iBGP-originated) or when it ends in a set. A withdrawal has that of the withdrawn route.',
    \`session_link\` LowCardinality(String),
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (afi_safi, prefix_address, prefix_length, path_id, sender, receiver, domain, network_instance, session_link)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'The newest row of route_changes for each (afi_safi, prefix_address, prefix_length, path_id, sender, receiver, domain, network_instance, session_link); never expires.'`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.rib_paths_view
TO routewatch.rib_paths AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`sender\`,
    \`receiver\`,
    \`afi_safi\`,
    \`prefix_address\`,
    \`prefix_length\`,
    \`path_id\`,
    \`change_class\`,
    \`attributes\`,
    \`prev_attributes\`,
    \`origin_as\`,
    if(startsWith(sender, 'fe80:'), link, '') AS \`session_link\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.route_changes
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.sessions_state
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`router\` LowCardinality(String) COMMENT 'Address of the end whose view changed.',
    \`peer\` LowCardinality(String) COMMENT 'Address of the other end.',
    \`router_as\` UInt32 COMMENT 'The end\\'s AS from its OPEN; 0 unknown.',
    \`peer_as\` UInt32 COMMENT 'The other end\\'s AS; 0 unknown.',
    \`router_id\` LowCardinality(String) COMMENT 'BGP identifier from the OPEN; empty unknown.',
    \`peer_id\` LowCardinality(String) COMMENT 'The other end\\'s BGP identifier.',
    \`prev_state\` LowCardinality(String) COMMENT 'State before.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`reason\` LowCardinality(String) COMMENT 'Why, from a closed list.',
    \`code\` UInt8 COMMENT 'NOTIFICATION error code; 0 none.',
    \`subcode\` UInt8 COMMENT 'NOTIFICATION error subcode.',
    \`shutdown_text\` String COMMENT 'Shutdown communication (RFC 9003); empty none.',
    \`capability_source\` LowCardinality(String) COMMENT 'Whether capabilities come from the OPENs, from what parses, or are assumed.',
    \`hold_time\` UInt16 COMMENT 'Negotiated hold time; 0 none or unknown. Unit: s.',
    \`coverage\` LowCardinality(String) COMMENT 'full: both directions seen; partial: one.',
    \`capabilities\` String COMMENT 'Capabilities in force, as comma-separated names; empty unknown.',
    \`session_link\` LowCardinality(String),
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (domain, network_instance, router, peer, session_link)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'The newest row of session_events for each (domain, network_instance, router, peer, session_link); never expires.'`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.sessions_state_view
TO routewatch.sessions_state AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`router\`,
    \`peer\`,
    \`router_as\`,
    \`peer_as\`,
    \`router_id\`,
    \`peer_id\`,
    \`prev_state\`,
    \`state\`,
    \`reason\`,
    \`code\`,
    \`subcode\`,
    \`shutdown_text\`,
    \`capability_source\`,
    \`hold_time\`,
    \`coverage\`,
    \`capabilities\`,
    if(startsWith(router, 'fe80:'), link, '') AS \`session_link\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.session_events
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.router_names_state
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT 'Where it was learned.',
    \`router\` LowCardinality(String) COMMENT 'System id, router id or BGP identifier.',
    \`attribute\` LowCardinality(String) COMMENT 'What is said of it.',
    \`value\` String COMMENT 'The value; empty: withdrawn.',
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (domain, network_instance, protocol, router, attribute, value)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'The newest row of router_names for each (domain, network_instance, protocol, router, attribute, value); never expires.'`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.router_names_state_view
TO routewatch.router_names_state AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`router\`,
    \`attribute\`,
    \`value\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.router_names
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.lsdb_state
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS and AS scope.',
    \`lsa_type\` UInt8 COMMENT 'OSPF LS type; 0 for IS-IS.',
    \`lsa_id\` String COMMENT 'LSP id \`0000.0000.0001.00-00\` or link state id.',
    \`advertising_router\` LowCardinality(String) COMMENT 'System id or router id of the originator.',
    \`change\` LowCardinality(String) COMMENT 'What the instance is against the one before.',
    \`sequence\` UInt32 COMMENT 'Sequence number, as on the wire.',
    \`checksum\` UInt16 COMMENT 'Checksum, as on the wire.',
    \`lifetime\` UInt16 COMMENT 'IS-IS: remaining lifetime; OSPF: LS age. Unit: s.',
    \`pdu\` String COMMENT 'The LSP or LSA itself; empty when refreshed with equal content.' CODEC(ZSTD(3)),
    \`scope_link\` LowCardinality(String),
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (domain, network_instance, protocol, level, area, lsa_type, lsa_id, advertising_router, scope_link)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'The newest row of lsdb_changes for each (domain, network_instance, protocol, level, area, lsa_type, lsa_id, advertising_router, scope_link); never expires.'`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.lsdb_state_view
TO routewatch.lsdb_state AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`level\`,
    \`area\`,
    \`lsa_type\`,
    \`lsa_id\`,
    \`advertising_router\`,
    \`change\`,
    \`sequence\`,
    \`checksum\`,
    \`lifetime\`,
    \`pdu\`,
    if(protocol = 'ospfv2' AND lsa_type = 9, link, '') AS \`scope_link\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.lsdb_changes
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.lsdb_contents
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS and AS scope.',
    \`lsa_type\` UInt8 COMMENT 'OSPF LS type; 0 for IS-IS.',
    \`lsa_id\` String COMMENT 'LSP id \`0000.0000.0001.00-00\` or link state id.',
    \`advertising_router\` LowCardinality(String) COMMENT 'System id or router id of the originator.',
    \`change\` LowCardinality(String) COMMENT 'What the instance is against the one before.',
    \`sequence\` UInt32 COMMENT 'Sequence number, as on the wire.',
    \`checksum\` UInt16 COMMENT 'Checksum, as on the wire.',
    \`lifetime\` UInt16 COMMENT 'IS-IS: remaining lifetime; OSPF: LS age. Unit: s.',
    \`pdu\` String COMMENT 'The LSP or LSA itself; empty when refreshed with equal content.' CODEC(ZSTD(3)),
    \`scope_link\` LowCardinality(String),
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (domain, network_instance, protocol, level, area, lsa_type, lsa_id, advertising_router, scope_link)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'The newest row of lsdb_changes for each (domain, network_instance, protocol, level, area, lsa_type, lsa_id, advertising_router, scope_link); never expires.'`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.lsdb_contents_view
TO routewatch.lsdb_contents AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`level\`,
    \`area\`,
    \`lsa_type\`,
    \`lsa_id\`,
    \`advertising_router\`,
    \`change\`,
    \`sequence\`,
    \`checksum\`,
    \`lifetime\`,
    \`pdu\`,
    if(protocol = 'ospfv2' AND lsa_type = 9, link, '') AS \`scope_link\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.lsdb_changes
WHERE time <= ingest_time + INTERVAL 1 DAY AND pdu != ''`,
    ],
  },
  {
    number: 5,
    name: 'ledger of the sink',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.ledger
(
    \`log_id\` String COMMENT 'The log of the events records.',
    \`partition\` UInt32,
    \`owner\` String COMMENT 'Worker whose claim wrote the records.',
    \`first_offset\` UInt64 COMMENT 'First events record of the cut.',
    \`last_offset\` UInt64,
    \`end_offset\` UInt64 COMMENT 'Where the cut ends in the frames log: all frames before it are done,',
    \`end_rows\` UInt64 COMMENT 'and so many rows of the batch that stands there.',
    \`token\` String COMMENT 'Deduplication token without the table.',
    \`rows\` Map(String, UInt64) COMMENT 'Rows by table.',
    \`refused\` Map(String, UInt64) COMMENT 'Rows by table that the store would not take: quarantine has their records.',
    \`quarantined\` UInt64 COMMENT 'Rows of quarantine that the sink made of them.',
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'Time of the cut.',
    \`inserted_at\` DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree()
ORDER BY (log_id, partition, last_offset, owner)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'One row for each cut that the sink has inserted, written last.'`,
    ],
  },
  {
    number: 6,
    name: 'views',
    statements: [
      `CREATE OR REPLACE VIEW routewatch.router_identities AS
SELECT
    domain, identity,
    argMaxIf(wire_name, rank, wire_name != '') AS wire_name,
    anyIf(inventory_name, inventory_name != '') AS inventory_name,
    if(wire_name != '', wire_name, inventory_name) AS name,
    anyIf(site, site != '') AS site,
    anyIf(role, role != '') AS role
FROM
(
    SELECT
        toString(domain) AS domain, arrayJoin(arrayDistinct(arrayFilter(x -> x != '', arrayConcat([name, system_id], router_ids, addresses)))) AS identity,
        '' AS wire_name, 0 AS rank, name AS inventory_name, toString(site) AS site, toString(role) AS role
    FROM routewatch.router_inventory FINAL WHERE NOT removed
    UNION ALL
    SELECT domain, identity, wire_name, 2 AS rank, '' AS inventory_name, '' AS site, '' AS role FROM (SELECT toString(domain) AS domain, toString(router) AS identity, argMax(value, version) AS wire_name
    FROM routewatch.router_names_state FINAL WHERE attribute = 'hostname'
    GROUP BY domain, identity)
    UNION ALL
    SELECT domain, identity, wire_name, 1 AS rank, '' AS inventory_name, '' AS site, '' AS role FROM (SELECT o.domain AS domain, o.address AS identity, any(h.wire_name) AS wire_name
    FROM
    (
        SELECT toString(domain) AS domain, toString(router) AS address, toString(router_id) AS owner FROM routewatch.sessions_state FINAL WHERE router_id != ''
        UNION ALL
        SELECT toString(domain) AS domain, value AS address, toString(router) AS owner FROM routewatch.router_names_state FINAL
        WHERE attribute = 'interface-address' AND value != ''
    ) AS o
    LEFT ANY JOIN (SELECT toString(domain) AS domain, toString(router) AS identity, argMax(value, version) AS wire_name
    FROM routewatch.router_names_state FINAL WHERE attribute = 'hostname'
    GROUP BY domain, identity) AS h ON h.domain = o.domain AND h.identity = o.owner
    WHERE o.address != o.owner
    GROUP BY domain, identity
    HAVING uniqExact(h.wire_name) = 1 AND wire_name != '')
)
GROUP BY domain, identity`,
      `CREATE OR REPLACE VIEW routewatch.routers AS
SELECT
    w.domain AS domain, w.router AS router, w.protocols AS protocols,
    i.name AS name, i.site AS site, i.role AS role,
    w.hostname AS hostname, w.te_router_id AS te_router_id, w.as_number AS as_number,
    w.areas AS areas, w.addresses AS addresses, w.since AS since
FROM
(
    SELECT
        toString(domain) AS domain, router,
        arraySort(groupUniqArray(toString(protocol))) AS protocols,
        argMaxIf(value, version, attribute = 'hostname') AS hostname,
        argMaxIf(value, version, attribute = 'te-router-id') AS te_router_id,
        toUInt32OrZero(argMaxIf(value, version, attribute = 'as-number')) AS as_number,
        arraySort(groupUniqArrayIf(value, attribute = 'area' AND value != '')) AS areas,
        arraySort(groupUniqArrayIf(value, attribute = 'interface-address' AND value != '')) AS addresses,
        min(time) AS since
    FROM
    (
        SELECT domain, toString(protocol) AS protocol, toString(router) AS router, toString(attribute) AS attribute, value, version, time
        FROM routewatch.router_names_state FINAL
        UNION ALL
        SELECT domain, arrayJoin(['isis', 'ospfv2', 'bgp']) AS protocol,
            arrayJoin(if(protocol = 'isis', [system_id], router_ids)) AS router, 'inventory' AS attribute, name AS value, toUInt256(0) AS version,
            toDateTime64(updated_at, 9, 'UTC') AS time
        FROM routewatch.router_inventory FINAL WHERE NOT removed
    )
    WHERE router != ''
    GROUP BY domain, router
) AS w
LEFT ANY JOIN routewatch.router_identities AS i ON i.domain = w.domain AND i.identity = w.router`,
      `CREATE DICTIONARY IF NOT EXISTS routewatch.routers_dictionary
(domain String, identity String, name String, site String, role String)
PRIMARY KEY domain, identity
SOURCE(CLICKHOUSE(QUERY 'SELECT domain, identity, name, site, role FROM routewatch.router_identities'))
LAYOUT(COMPLEX_KEY_DIRECT())`,
      `CREATE OR REPLACE VIEW routewatch.adjacencies AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.router AS router, s.neighbor AS neighbor,
    if(s.router_name != '', toString(s.router_name), r.name) AS router_name,
    if(s.neighbor_name != '', toString(s.neighbor_name), n.name) AS neighbor_name,
    r.site AS router_site, n.site AS neighbor_site,
    if(ia.interface_name != '', ia.interface_name, il.interface_name) AS interface_name,
    s.local_address AS local_address, s.neighbor_address AS neighbor_address, s.neighbor_snpa AS neighbor_snpa,
    s.circuit_id AS circuit_id, s.vlan AS vlan,
    s.state AS state, s.time AS since, s.prev_state AS prev_state, s.reason AS reason, s.detail AS detail,
    s.evidence AS evidence, s.confidence AS confidence, s.initial AS initial, s.hold_time AS hold_time, s.last_hello AS last_hello,
    toBool(e.expected_router != '') AS expected, s.tap AS tap, s.event_id AS event_id
FROM (SELECT * FROM routewatch.adjacencies_state FINAL) AS s
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = s.domain AND n.identity = s.neighbor
LEFT ANY JOIN (SELECT domain, address, interface_name FROM routewatch.interfaces FINAL WHERE NOT removed AND address != '') AS ia
    ON ia.domain = s.domain AND ia.address = s.local_address
LEFT ANY JOIN (SELECT f.domain AS domain, f.link AS link, f.interface_name AS interface_name, i.identity AS identity
    FROM routewatch.interfaces AS f FINAL INNER JOIN routewatch.router_identities AS i ON i.domain = f.domain AND i.inventory_name = f.router_name
    WHERE NOT f.removed AND f.link != '') AS il
    ON il.domain = s.domain AND il.link = s.link AND il.identity = s.router
LEFT ANY JOIN (SELECT domain, protocol, router AS expected_router, neighbor FROM routewatch.expected_neighbors FINAL WHERE NOT removed) AS e
    ON e.domain = s.domain AND e.protocol = s.protocol AND e.expected_router = s.router AND e.neighbor = s.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.adjacencies_at AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.router AS router, s.neighbor AS neighbor,
    if(s.router_name != '', toString(s.router_name), r.name) AS router_name,
    if(s.neighbor_name != '', toString(s.neighbor_name), n.name) AS neighbor_name,
    r.site AS router_site, n.site AS neighbor_site,
    if(ia.interface_name != '', ia.interface_name, il.interface_name) AS interface_name,
    s.local_address AS local_address, s.neighbor_address AS neighbor_address, s.neighbor_snpa AS neighbor_snpa,
    s.circuit_id AS circuit_id, s.vlan AS vlan,
    s.state AS state, s.time AS since, s.prev_state AS prev_state, s.reason AS reason, s.detail AS detail,
    s.evidence AS evidence, s.confidence AS confidence, s.initial AS initial, s.hold_time AS hold_time, s.last_hello AS last_hello,
    toBool(e.expected_router != '') AS expected, s.tap AS tap, s.event_id AS event_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, router, neighbor, router_name, neighbor_name, local_address, neighbor_address, neighbor_snpa, circuit_id, vlan, prev_state, state, reason, detail, hold_time, last_hello, view_address, version FROM routewatch.adjacencies_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, router, neighbor, router_name, neighbor_name, local_address, neighbor_address, neighbor_snpa, circuit_id, vlan, prev_state, state, reason, detail, hold_time, last_hello, CAST(if(protocol = 'isis', neighbor_snpa, neighbor_address), 'LowCardinality(String)') AS view_address, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.adjacency_events WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, router, neighbor, link, level, view_address
) AS s
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = s.domain AND n.identity = s.neighbor
LEFT ANY JOIN (SELECT domain, address, interface_name FROM routewatch.interfaces FINAL WHERE NOT removed AND address != '') AS ia
    ON ia.domain = s.domain AND ia.address = s.local_address
LEFT ANY JOIN (SELECT f.domain AS domain, f.link AS link, f.interface_name AS interface_name, i.identity AS identity
    FROM routewatch.interfaces AS f FINAL INNER JOIN routewatch.router_identities AS i ON i.domain = f.domain AND i.inventory_name = f.router_name
    WHERE NOT f.removed AND f.link != '') AS il
    ON il.domain = s.domain AND il.link = s.link AND il.identity = s.router
LEFT ANY JOIN (SELECT domain, protocol, router AS expected_router, neighbor FROM routewatch.expected_neighbors FINAL WHERE NOT removed) AS e
    ON e.domain = s.domain AND e.protocol = s.protocol AND e.expected_router = s.router AND e.neighbor = s.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.sessions AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.router AS router, s.peer AS peer,
    if(r.name != '', r.name, ri.name) AS router_name, if(p.name != '', p.name, pi.name) AS peer_name,
    s.router_as AS router_as, s.peer_as AS peer_as, s.router_id AS router_id, s.peer_id AS peer_id,
    s.state AS state, s.time AS since, s.prev_state AS prev_state, s.reason AS reason, s.code AS code, s.subcode AS subcode,
    s.shutdown_text AS shutdown_text, s.capability_source AS capability_source, s.capabilities AS capabilities,
    s.hold_time AS hold_time, s.coverage AS coverage, s.evidence AS evidence, s.confidence AS confidence, s.initial AS initial,
    s.tap AS tap, s.event_id AS event_id
FROM (SELECT * FROM routewatch.sessions_state FINAL) AS s
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
LEFT ANY JOIN routewatch.router_identities AS p ON p.domain = s.domain AND p.identity = s.peer
LEFT ANY JOIN routewatch.router_identities AS ri ON ri.domain = s.domain AND ri.identity = s.router_id
LEFT ANY JOIN routewatch.router_identities AS pi ON pi.domain = s.domain AND pi.identity = s.peer_id`,
      `CREATE OR REPLACE VIEW routewatch.sessions_at AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.router AS router, s.peer AS peer,
    if(r.name != '', r.name, ri.name) AS router_name, if(p.name != '', p.name, pi.name) AS peer_name,
    s.router_as AS router_as, s.peer_as AS peer_as, s.router_id AS router_id, s.peer_id AS peer_id,
    s.state AS state, s.time AS since, s.prev_state AS prev_state, s.reason AS reason, s.code AS code, s.subcode AS subcode,
    s.shutdown_text AS shutdown_text, s.capability_source AS capability_source, s.capabilities AS capabilities,
    s.hold_time AS hold_time, s.coverage AS coverage, s.evidence AS evidence, s.confidence AS confidence, s.initial AS initial,
    s.tap AS tap, s.event_id AS event_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, router, peer, router_as, peer_as, router_id, peer_id, prev_state, state, reason, code, subcode, shutdown_text, capability_source, hold_time, coverage, capabilities, session_link, version FROM routewatch.sessions_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, router, peer, router_as, peer_as, router_id, peer_id, prev_state, state, reason, code, subcode, shutdown_text, capability_source, hold_time, coverage, capabilities, CAST(if(startsWith(router, 'fe80:'), link, ''), 'LowCardinality(String)') AS session_link, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.session_events WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, router, peer, session_link
) AS s
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
LEFT ANY JOIN routewatch.router_identities AS p ON p.domain = s.domain AND p.identity = s.peer
LEFT ANY JOIN routewatch.router_identities AS ri ON ri.domain = s.domain AND ri.identity = s.router_id
LEFT ANY JOIN routewatch.router_identities AS pi ON pi.domain = s.domain AND pi.identity = s.peer_id`,
      `CREATE OR REPLACE VIEW routewatch.rib AS
SELECT
    p.sender AS sender, p.receiver AS receiver, p.afi_safi AS afi_safi,
    concat(if(p.afi_safi LIKE 'ipv4%', substring(toString(p.prefix_address), 8), toString(p.prefix_address)), '/', toString(p.prefix_length)) AS prefix,
    p.path_id AS path_id, a.origin AS origin, a.as_path AS as_path, a.as_path_text AS as_path_text, a.next_hop AS next_hop,
    a.med AS med, a.local_pref AS local_pref, a.communities AS communities, a.large_communities AS large_communities,
    a.ext_communities AS ext_communities, toBool(p.version < m.staled) AS stale, p.time AS since,
    p.prefix_address AS prefix_address, p.prefix_length AS prefix_length, p.origin_as AS origin_as, a.first_as AS first_as,
    a.originator_id AS originator_id, a.cluster_list AS cluster_list, a.aggregator AS aggregator, p.attributes AS attributes,
    p.domain AS domain, p.network_instance AS network_instance, p.link AS link, p.tap AS tap, p.event_id AS event_id
FROM (SELECT * FROM routewatch.rib_paths FINAL) AS p
LEFT ANY JOIN (
    SELECT
        domain, network_instance, if(startsWith(sender, 'fe80:'), link, '') AS session_link, sender, receiver, afi_safi,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'flush') AS flushed,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale') AS staled,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'sweep') AS last_sweep,
        arrayMax(arrayFilter(x -> x < last_sweep, arrayPushBack(groupArrayIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale'), toUInt256(0)))) AS swept
    FROM routewatch.rib_marks
    WHERE time <= ingest_time + INTERVAL 1 DAY
    GROUP BY domain, network_instance, session_link, sender, receiver, afi_safi
) AS m
    ON m.domain = p.domain AND m.network_instance = p.network_instance AND m.session_link = p.session_link
    AND m.sender = p.sender AND m.receiver = p.receiver AND m.afi_safi = p.afi_safi
LEFT ANY JOIN routewatch.path_attributes AS a ON a.attributes = p.attributes
WHERE p.attributes != 0 AND p.version >= m.flushed AND p.version >= m.swept`,
      `CREATE OR REPLACE VIEW routewatch.rib_at AS
SELECT
    p.sender AS sender, p.receiver AS receiver, p.afi_safi AS afi_safi,
    concat(if(p.afi_safi LIKE 'ipv4%', substring(toString(p.prefix_address), 8), toString(p.prefix_address)), '/', toString(p.prefix_length)) AS prefix,
    p.path_id AS path_id, a.origin AS origin, a.as_path AS as_path, a.as_path_text AS as_path_text, a.next_hop AS next_hop,
    a.med AS med, a.local_pref AS local_pref, a.communities AS communities, a.large_communities AS large_communities,
    a.ext_communities AS ext_communities, toBool(p.version < m.staled) AS stale, p.time AS since,
    p.prefix_address AS prefix_address, p.prefix_length AS prefix_length, p.origin_as AS origin_as, a.first_as AS first_as,
    a.originator_id AS originator_id, a.cluster_list AS cluster_list, a.aggregator AS aggregator, p.attributes AS attributes,
    p.domain AS domain, p.network_instance AS network_instance, p.link AS link, p.tap AS tap, p.event_id AS event_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, sender, receiver, afi_safi, prefix_address, prefix_length, path_id, change_class, attributes, prev_attributes, origin_as, session_link, version FROM routewatch.rib_paths FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, sender, receiver, afi_safi, prefix_address, prefix_length, path_id, change_class, attributes, prev_attributes, origin_as, CAST(if(startsWith(sender, 'fe80:'), link, ''), 'LowCardinality(String)') AS session_link, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.route_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY afi_safi, prefix_address, prefix_length, path_id, sender, receiver, domain, network_instance, session_link
) AS p
LEFT ANY JOIN (
    SELECT
        domain, network_instance, if(startsWith(sender, 'fe80:'), link, '') AS session_link, sender, receiver, afi_safi,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'flush') AS flushed,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale') AS staled,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'sweep') AS last_sweep,
        arrayMax(arrayFilter(x -> x < last_sweep, arrayPushBack(groupArrayIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale'), toUInt256(0)))) AS swept
    FROM routewatch.rib_marks
    WHERE time <= ingest_time + INTERVAL 1 DAY AND time <= {at:DateTime64(9, 'UTC')}
    GROUP BY domain, network_instance, session_link, sender, receiver, afi_safi
) AS m
    ON m.domain = p.domain AND m.network_instance = p.network_instance AND m.session_link = p.session_link
    AND m.sender = p.sender AND m.receiver = p.receiver AND m.afi_safi = p.afi_safi
LEFT ANY JOIN routewatch.path_attributes AS a ON a.attributes = p.attributes
WHERE p.attributes != 0 AND p.version >= m.flushed AND p.version >= m.swept`,
      `CREATE OR REPLACE VIEW routewatch.neighbor_counts_now AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.router AS router, if(s.router_name != '', toString(s.router_name), r.name) AS router_name, r.site AS router_site,
    s.adjacencies AS adjacencies, s.neighbors AS neighbors, s.full AS full, s.two_way AS two_way, s.coverage AS coverage,
    if(e.router = '', NULL, e.expected) AS expected, s.time AS time, s.event_id AS event_id
FROM (SELECT * FROM routewatch.neighbor_counts_state FINAL) AS s
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
LEFT ANY JOIN routewatch.expected_counts AS e ON e.domain = s.domain AND e.protocol = s.protocol AND e.router = s.router AND e.link = s.link`,
      `CREATE OR REPLACE VIEW routewatch.neighbor_counts_at AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.router AS router, if(s.router_name != '', toString(s.router_name), r.name) AS router_name, r.site AS router_site,
    s.adjacencies AS adjacencies, s.neighbors AS neighbors, s.full AS full, s.two_way AS two_way, s.coverage AS coverage,
    if(e.router = '', NULL, e.expected) AS expected, s.time AS time, s.event_id AS event_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, router, router_name, level, area, adjacencies, neighbors, full, two_way, coverage, version FROM routewatch.neighbor_counts_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, router, router_name, level, area, adjacencies, neighbors, full, two_way, coverage, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.neighbor_counts WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, router, link, level, area
) AS s
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
LEFT ANY JOIN routewatch.expected_counts AS e ON e.domain = s.domain AND e.protocol = s.protocol AND e.router = s.router AND e.link = s.link`,
      `CREATE OR REPLACE VIEW routewatch.adj_rib_in_pre AS
SELECT receiver AS router, sender AS peer, * FROM routewatch.rib`,
      `CREATE OR REPLACE VIEW routewatch.adj_rib_out_post AS
SELECT sender AS router, receiver AS peer, * FROM routewatch.rib`,
      `CREATE OR REPLACE VIEW routewatch.lsdb AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.lsa_type AS lsa_type, s.lsa_id AS lsa_id, s.advertising_router AS advertising_router, r.name AS advertising_router_name,
    s.sequence AS sequence, s.checksum AS checksum, s.lifetime AS lifetime, s.change AS change, s.time AS since,
    if(s.pdu != '', s.pdu, c.pdu) AS pdu, s.link AS link, s.tap AS tap, s.event_id AS event_id
FROM (SELECT * FROM routewatch.lsdb_state FINAL) AS s
LEFT ANY JOIN (SELECT * FROM routewatch.lsdb_contents FINAL) AS c ON c.domain = s.domain AND c.network_instance = s.network_instance AND c.protocol = s.protocol AND c.level = s.level AND c.area = s.area AND c.lsa_type = s.lsa_type AND c.lsa_id = s.lsa_id AND c.advertising_router = s.advertising_router AND c.scope_link = s.scope_link
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.advertising_router
WHERE s.change NOT IN ('purged', 'expired')`,
      `CREATE OR REPLACE VIEW routewatch.nodes AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key`,
      `CREATE OR REPLACE VIEW routewatch.nodes_at AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key`,
      `CREATE OR REPLACE VIEW routewatch.links AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.links_at AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.prefixes AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.router AS router, if(o.router_name != '', toString(o.router_name), r.name) AS router_name, o.prefix AS prefix,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'prefix'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router`,
      `CREATE OR REPLACE VIEW routewatch.prefixes_at AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.router AS router, if(o.router_name != '', toString(o.router_name), r.name) AS router_name, o.prefix AS prefix,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'prefix'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router`,
      `CREATE OR REPLACE VIEW routewatch.timeline AS
SELECT
    t.time AS time, t.domain AS domain, t.router AS router, if(t.wire_name != '', t.wire_name, r.name) AS router_name, t.kind AS kind,
    t.subject AS subject, t.prev AS prev, t.new AS new, t.reason AS reason, t.event_id AS event_id,
    t.decided_time AS decided_time, t.initial AS initial, t.tap AS tap,
    t.frame_offset AS frame_offset, t.frame_index AS frame_index, t.ordinal AS ordinal
FROM
(
    SELECT time, decided_time, toString(domain) AS domain, toString(router) AS router, toString(router_name) AS wire_name, 'adjacency' AS kind,
        concat(protocol, if(level = 0, '', concat(' L', toString(level))), ' neighbor ', if(neighbor_name != '', concat(neighbor_name, ' (', neighbor, ')'), neighbor), ' on ', link) AS subject, toString(prev_state) AS prev, toString(state) AS new, toString(if(detail = '', toString(reason), concat(reason, ': ', detail))) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.adjacency_events
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString(router) AS router, toString('') AS wire_name, 'session' AS kind,
        concat('bgp peer ', peer) AS subject, toString(prev_state) AS prev, toString(state) AS new, toString(concat(reason, if(code = 0, '', concat(' ', toString(code), '/', toString(subcode))), if(shutdown_text = '', '', concat(': ', shutdown_text)))) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.session_events
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString(router) AS router, toString(router_name) AS wire_name, 'topology' AS kind,
        concat(protocol, ' ', object_type, ' ', object_key, ' ', field) AS subject, toString(ifNull(toString(old_number), old_text)) AS prev, toString(ifNull(toString(new_number), new_text)) AS new, toString(change) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.topology_changes
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString(receiver) AS router, toString('') AS wire_name, 'rib' AS kind,
        concat(toString(routes), ' ', afi_safi, ' routes from ', sender) AS subject, toString('') AS prev, toString(mark) AS new, toString(reason) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.rib_marks
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString(sender) AS router, toString('') AS wire_name, 'route' AS kind,
        concat(prefix, ' to ', receiver) AS subject, toString(if(prev_attributes = 0, 'absent', 'present')) AS prev, toString(if(attributes = 0, 'absent', 'present')) AS new, toString(change_class) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.route_changes
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString(sender) AS router, toString('') AS wire_name, 'error' AS kind,
        concat(protocol, ' ', if(receiver = '', 'to all', concat('to ', receiver)), ' on ', link) AS subject, toString('') AS prev, toString(error) AS new, toString(detail) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.protocol_errors
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString('') AS router, toString('') AS wire_name, 'coverage' AS kind,
        concat(tap, if(subject = '' OR subject = tap, '', concat(' ', subject))) AS subject, toString('') AS prev, toString(what) AS new, toString(detail) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.coverage_events
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString('') AS router, toString('') AS wire_name, 'quarantine' AS kind,
        concat(protocol, ' frame at ', tap) AS subject, toString('') AS prev, toString(error) AS new, toString(source_line) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.quarantine
) AS t
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = t.domain AND r.identity = t.router`,
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_nodes AS
SELECT
    concat(protocol, '/', toString(level), '/', area, '/', node) AS id, if(name = '', node, name) AS title, node AS subtitle,
    protocol AS mainstat, site AS secondarystat, if(overload, 1, 0) AS arc__overload, if(overload, 0, 1) AS arc__forwarding, domain AS detail__domain
FROM routewatch.nodes`,
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_edges AS
SELECT
    concat(protocol, '/', toString(level), '/', area, '/', link_key) AS id, concat(protocol, '/', toString(level), '/', area, '/', router) AS source,
    concat(protocol, '/', toString(level), '/', area, '/', neighbor) AS target, toString(metric) AS mainstat, domain AS detail__domain
FROM routewatch.links`,
      `CREATE OR REPLACE VIEW routewatch.grafana_adjacency_states AS
SELECT
    time, concat(if(router_name = '', router, router_name), ' -> ', if(neighbor_name = '', neighbor, neighbor_name), ' ', link, if(level = 0, '', concat(' L', toString(level)))) AS series,
    state, domain, protocol, router, neighbor, link
FROM routewatch.adjacency_events`,
      `CREATE OR REPLACE VIEW routewatch.grafana_session_states AS
SELECT time, concat(router, ' -> ', peer) AS series, state, domain, router, peer FROM routewatch.session_events`,
      `CREATE OR REPLACE VIEW routewatch.grafana_annotations AS
SELECT
    time, concat(if(router_name = '', router, router_name), ' ', subject, ': ', prev, ' -> ', new) AS title, reason AS text, [kind, domain] AS tags, event_id
FROM routewatch.timeline
WHERE kind IN ('adjacency', 'session', 'coverage', 'rib') AND NOT initial`,
      `CREATE OR REPLACE VIEW routewatch.missing_neighbors AS
SELECT
    e.domain AS domain, e.protocol AS protocol, e.router AS router, r.name AS router_name, e.neighbor AS neighbor, n.name AS neighbor_name, e.link AS link,
    s.state AS state, s.reason AS reason, if(s.state = '', NULL, s.since) AS since
FROM (SELECT * FROM routewatch.expected_neighbors FINAL WHERE NOT removed) AS e
LEFT ANY JOIN (
    SELECT domain, protocol, router, neighbor, link, argMax(view_state, rank) AS state, argMax(view_reason, rank) AS reason, argMax(view_since, rank) AS since
    FROM (
        SELECT domain, toString(protocol) AS protocol, toString(router) AS router, toString(neighbor) AS neighbor, arrayJoin(['', toString(link)]) AS link,
            toString(state) AS view_state, toString(reason) AS view_reason, time AS view_since, (view_state IN ('up', 'full', '2-way'), time) AS rank
        FROM routewatch.adjacencies_state FINAL
        UNION ALL
        SELECT domain, 'bgp' AS protocol, toString(router) AS router, toString(peer) AS neighbor, arrayJoin(['', toString(link)]) AS link,
            toString(state) AS view_state, toString(reason) AS view_reason, time AS view_since, (view_state = 'established', time) AS rank
        FROM routewatch.sessions_state FINAL
    )
    GROUP BY domain, protocol, router, neighbor, link
) AS s ON s.domain = e.domain AND s.protocol = e.protocol AND s.router = e.router AND s.neighbor = e.neighbor AND s.link = e.link
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = e.domain AND n.identity = e.neighbor
WHERE s.state NOT IN ('up', 'full', '2-way', 'established')`,
    ],
  },
  {
    number: 7,
    name: 'reasons of topology changes and names',
    statements: [
      `ALTER TABLE routewatch.topology_changes ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.topology_state ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.topology_state_view MODIFY QUERY
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`level\`,
    \`area\`,
    \`object_type\`,
    \`object_key\`,
    \`router\`,
    \`router_name\`,
    \`neighbor\`,
    \`prefix\`,
    \`change\`,
    \`field\`,
    \`old_number\`,
    \`new_number\`,
    \`old_text\`,
    \`new_text\`,
    \`reason\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.topology_changes
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `ALTER TABLE routewatch.router_names ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.router_names_state ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.router_names_state_view MODIFY QUERY
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`router\`,
    \`attribute\`,
    \`value\`,
    \`reason\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.router_names
WHERE time <= ingest_time + INTERVAL 1 DAY`,
    ],
  },
  {
    number: 8,
    name: 'reasons of attribute sets',
    statements: [
      `ALTER TABLE routewatch.path_attributes ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same attributes otherwise; else empty.'`,
      `CREATE OR REPLACE VIEW routewatch.rib AS
SELECT
    p.sender AS sender, p.receiver AS receiver, p.afi_safi AS afi_safi,
    concat(if(p.afi_safi LIKE 'ipv4%', substring(toString(p.prefix_address), 8), toString(p.prefix_address)), '/', toString(p.prefix_length)) AS prefix,
    p.path_id AS path_id, a.origin AS origin, a.as_path AS as_path, a.as_path_text AS as_path_text, a.next_hop AS next_hop,
    a.med AS med, a.local_pref AS local_pref, a.communities AS communities, a.large_communities AS large_communities,
    a.ext_communities AS ext_communities, toBool(p.version < m.staled) AS stale, p.time AS since,
    p.prefix_address AS prefix_address, p.prefix_length AS prefix_length, p.origin_as AS origin_as, a.first_as AS first_as,
    a.originator_id AS originator_id, a.cluster_list AS cluster_list, a.aggregator AS aggregator, p.attributes AS attributes,
    p.domain AS domain, p.network_instance AS network_instance, p.link AS link, p.tap AS tap, p.event_id AS event_id
FROM (SELECT * FROM routewatch.rib_paths FINAL) AS p
LEFT ANY JOIN (
    SELECT
        domain, network_instance, if(startsWith(sender, 'fe80:'), link, '') AS session_link, sender, receiver, afi_safi,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'flush') AS flushed,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale') AS staled,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'sweep') AS last_sweep,
        arrayMax(arrayFilter(x -> x < last_sweep, arrayPushBack(groupArrayIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale'), toUInt256(0)))) AS swept
    FROM routewatch.rib_marks
    WHERE time <= ingest_time + INTERVAL 1 DAY
    GROUP BY domain, network_instance, session_link, sender, receiver, afi_safi
) AS m
    ON m.domain = p.domain AND m.network_instance = p.network_instance AND m.session_link = p.session_link
    AND m.sender = p.sender AND m.receiver = p.receiver AND m.afi_safi = p.afi_safi
LEFT ANY JOIN (SELECT * FROM routewatch.path_attributes ORDER BY attributes, row_order(decided_time, frame_offset, frame_index, ordinal) DESC LIMIT 1 BY attributes) AS a ON a.attributes = p.attributes
WHERE p.attributes != 0 AND p.version >= m.flushed AND p.version >= m.swept`,
      `CREATE OR REPLACE VIEW routewatch.rib_at AS
SELECT
    p.sender AS sender, p.receiver AS receiver, p.afi_safi AS afi_safi,
    concat(if(p.afi_safi LIKE 'ipv4%', substring(toString(p.prefix_address), 8), toString(p.prefix_address)), '/', toString(p.prefix_length)) AS prefix,
    p.path_id AS path_id, a.origin AS origin, a.as_path AS as_path, a.as_path_text AS as_path_text, a.next_hop AS next_hop,
    a.med AS med, a.local_pref AS local_pref, a.communities AS communities, a.large_communities AS large_communities,
    a.ext_communities AS ext_communities, toBool(p.version < m.staled) AS stale, p.time AS since,
    p.prefix_address AS prefix_address, p.prefix_length AS prefix_length, p.origin_as AS origin_as, a.first_as AS first_as,
    a.originator_id AS originator_id, a.cluster_list AS cluster_list, a.aggregator AS aggregator, p.attributes AS attributes,
    p.domain AS domain, p.network_instance AS network_instance, p.link AS link, p.tap AS tap, p.event_id AS event_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, sender, receiver, afi_safi, prefix_address, prefix_length, path_id, change_class, attributes, prev_attributes, origin_as, session_link, version FROM routewatch.rib_paths FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, sender, receiver, afi_safi, prefix_address, prefix_length, path_id, change_class, attributes, prev_attributes, origin_as, CAST(if(startsWith(sender, 'fe80:'), link, ''), 'LowCardinality(String)') AS session_link, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.route_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY afi_safi, prefix_address, prefix_length, path_id, sender, receiver, domain, network_instance, session_link
) AS p
LEFT ANY JOIN (
    SELECT
        domain, network_instance, if(startsWith(sender, 'fe80:'), link, '') AS session_link, sender, receiver, afi_safi,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'flush') AS flushed,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale') AS staled,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'sweep') AS last_sweep,
        arrayMax(arrayFilter(x -> x < last_sweep, arrayPushBack(groupArrayIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale'), toUInt256(0)))) AS swept
    FROM routewatch.rib_marks
    WHERE time <= ingest_time + INTERVAL 1 DAY AND time <= {at:DateTime64(9, 'UTC')}
    GROUP BY domain, network_instance, session_link, sender, receiver, afi_safi
) AS m
    ON m.domain = p.domain AND m.network_instance = p.network_instance AND m.session_link = p.session_link
    AND m.sender = p.sender AND m.receiver = p.receiver AND m.afi_safi = p.afi_safi
LEFT ANY JOIN (SELECT * FROM routewatch.path_attributes ORDER BY attributes, row_order(decided_time, frame_offset, frame_index, ordinal) DESC LIMIT 1 BY attributes) AS a ON a.attributes = p.attributes
WHERE p.attributes != 0 AND p.version >= m.flushed AND p.version >= m.swept`,
    ],
  },
  {
    number: 9,
    name: 'Grafana: graphs apart by domain, what was at a time',
    statements: [
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_nodes AS
SELECT
    concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', node) AS id, if(name = '', toString(node), toString(name)) AS title, toString(node) AS subtitle,
    if(level != 0, concat(protocol, ' L', toString(level)), if(area != '', concat(protocol, ' area ', area), toString(protocol))) AS mainstat, toString(site) AS secondarystat,
    if(overload, 1., 0.) AS arc__overload, if(overload, 0., 1.) AS arc__forwarding,
    toString(domain) AS detail__domain, toString(site) AS detail__site, toString(role) AS detail__role, toString(since) AS detail__since,
    domain, protocol, level, area, node
FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS shown`,
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_nodes_at AS
SELECT
    concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', node) AS id, if(name = '', toString(node), toString(name)) AS title, toString(node) AS subtitle,
    if(level != 0, concat(protocol, ' L', toString(level)), if(area != '', concat(protocol, ' area ', area), toString(protocol))) AS mainstat, toString(site) AS secondarystat,
    if(overload, 1., 0.) AS arc__overload, if(overload, 0., 1.) AS arc__forwarding,
    toString(domain) AS detail__domain, toString(site) AS detail__site, toString(role) AS detail__role, toString(since) AS detail__since,
    domain, protocol, level, area, node
FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS shown`,
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_edges AS
SELECT
    concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', link_key) AS id, concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', router) AS source, concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', neighbor) AS target,
    ifNull(toString(metric), '') AS mainstat, if(two_way, '', 'one way') AS secondarystat, if(two_way, '', '6 4') AS strokeDasharray,
    toString(domain) AS detail__domain, toString(router_name) AS detail__from, toString(neighbor_name) AS detail__to, toString(since) AS detail__since,
    domain, protocol, level, area, router, neighbor, metric
FROM (
    SELECT *, (domain, network_instance, protocol, level, area, neighbor, router) IN (SELECT domain, network_instance, protocol, level, area, router, neighbor FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor) AS back) AS two_way
    FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor) AS shown
    WHERE (domain, network_instance, protocol, level, area, router) IN (SELECT domain, network_instance, protocol, level, area, node FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS known) AND (domain, network_instance, protocol, level, area, neighbor) IN (SELECT domain, network_instance, protocol, level, area, node FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS known)
) AS drawn`,
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_edges_at AS
SELECT
    concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', link_key) AS id, concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', router) AS source, concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', neighbor) AS target,
    ifNull(toString(metric), '') AS mainstat, if(two_way, '', 'one way') AS secondarystat, if(two_way, '', '6 4') AS strokeDasharray,
    toString(domain) AS detail__domain, toString(router_name) AS detail__from, toString(neighbor_name) AS detail__to, toString(since) AS detail__since,
    domain, protocol, level, area, router, neighbor, metric
FROM (
    SELECT *, (domain, network_instance, protocol, level, area, neighbor, router) IN (SELECT domain, network_instance, protocol, level, area, router, neighbor FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor) AS back) AS two_way
    FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor) AS shown
    WHERE (domain, network_instance, protocol, level, area, router) IN (SELECT domain, network_instance, protocol, level, area, node FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS known) AND (domain, network_instance, protocol, level, area, neighbor) IN (SELECT domain, network_instance, protocol, level, area, node FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS known)
) AS drawn`,
      `CREATE OR REPLACE VIEW routewatch.grafana_adjacency_states AS
SELECT
    e.time AS time, concat(if(r.name != '', r.name, toString(e.router)), ' -> ', if(n.name != '', n.name, toString(e.neighbor)), ' on ', e.link, if(e.level = 0, '', concat(' L', toString(e.level)))) AS series,
    toString(e.state) AS state, toString(e.reason) AS reason, e.domain AS domain, e.protocol AS protocol, e.level AS level, e.router AS router, e.neighbor AS neighbor, e.link AS link
FROM routewatch.adjacency_events AS e
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = e.domain AND n.identity = e.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.grafana_adjacency_states_at AS
SELECT
    e.time AS time, concat(if(r.name != '', r.name, toString(e.router)), ' -> ', if(n.name != '', n.name, toString(e.neighbor)), ' on ', e.link, if(e.level = 0, '', concat(' L', toString(e.level)))) AS series,
    toString(e.state) AS state, toString(e.reason) AS reason, e.domain AS domain, e.protocol AS protocol, e.level AS level, e.router AS router, e.neighbor AS neighbor, e.link AS link
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, router, neighbor, router_name, neighbor_name, local_address, neighbor_address, neighbor_snpa, circuit_id, vlan, prev_state, state, reason, detail, hold_time, last_hello, view_address, version FROM routewatch.adjacencies_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, router, neighbor, router_name, neighbor_name, local_address, neighbor_address, neighbor_snpa, circuit_id, vlan, prev_state, state, reason, detail, hold_time, last_hello, CAST(if(protocol = 'isis', neighbor_snpa, neighbor_address), 'LowCardinality(String)') AS view_address, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.adjacency_events WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, router, neighbor, link, level, view_address
) AS e
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = e.domain AND n.identity = e.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.grafana_session_states AS
SELECT
    e.time AS time, concat(if(r.name != '', concat(r.name, ' (', e.router, ')'), toString(e.router)), ' -> ', if(p.name != '', concat(p.name, ' (', e.peer, ')'), toString(e.peer)), if(e.network_instance = 'default', '', concat(' in ', e.network_instance))) AS series,
    toString(e.state) AS state, toString(e.reason) AS reason, e.domain AS domain, e.router AS router, e.peer AS peer
FROM routewatch.session_events AS e
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
LEFT ANY JOIN routewatch.router_identities AS p ON p.domain = e.domain AND p.identity = e.peer`,
      `CREATE OR REPLACE VIEW routewatch.grafana_session_states_at AS
SELECT
    e.time AS time, concat(if(r.name != '', concat(r.name, ' (', e.router, ')'), toString(e.router)), ' -> ', if(p.name != '', concat(p.name, ' (', e.peer, ')'), toString(e.peer)), if(e.network_instance = 'default', '', concat(' in ', e.network_instance))) AS series,
    toString(e.state) AS state, toString(e.reason) AS reason, e.domain AS domain, e.router AS router, e.peer AS peer
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, router, peer, router_as, peer_as, router_id, peer_id, prev_state, state, reason, code, subcode, shutdown_text, capability_source, hold_time, coverage, capabilities, session_link, version FROM routewatch.sessions_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, router, peer, router_as, peer_as, router_id, peer_id, prev_state, state, reason, code, subcode, shutdown_text, capability_source, hold_time, coverage, capabilities, CAST(if(startsWith(router, 'fe80:'), link, ''), 'LowCardinality(String)') AS session_link, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.session_events WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, router, peer, session_link
) AS e
LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
LEFT ANY JOIN routewatch.router_identities AS p ON p.domain = e.domain AND p.identity = e.peer`,
      `CREATE OR REPLACE VIEW routewatch.grafana_annotations AS
SELECT
    time, concat(if(router_name = '', '', concat(router_name, ' ')), subject, ': ', if(prev = '', '', concat(prev, ' -> ')), new) AS title, reason AS text,
    concat(kind, ',', domain) AS tags, event_id, kind, domain, router
FROM routewatch.timeline
WHERE kind IN ('adjacency', 'session', 'coverage', 'rib') AND NOT initial`,
    ],
  },
  {
    number: 10,
    name: 'alerts',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.alerts
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`alert_id\` UUID COMMENT 'The alert, from firing to resolved: hash of rule, subject key and the event that decided it.',
    \`rule\` LowCardinality(String) COMMENT 'Name of the rule, and of its runbook.',
    \`severity\` LowCardinality(String) COMMENT 'The one scale.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`since\` DateTime64(9, 'UTC') COMMENT 'Effective time of the fault; \`time\` is that of the transition.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\`, \`ospfv3\`, \`bgp\`; empty: not of a protocol.',
    \`router\` LowCardinality(String) COMMENT 'System id, router id or address; empty: none.',
    \`router_name\` LowCardinality(String) COMMENT 'Its name where one was known.',
    \`neighbor\` LowCardinality(String) COMMENT 'The other end; empty: none.',
    \`neighbor_name\` LowCardinality(String) COMMENT 'Its name where one was known.',
    \`subject\` String COMMENT 'What and where, one line.',
    \`summary\` String COMMENT 'One sentence.',
    \`reason\` LowCardinality(String) COMMENT 'Reason words of the row that decided it; of a resolved alert why it ended, where that was no recovery.',
    \`told\` Bool COMMENT 'Whether it went to the channels.',
    \`untold\` LowCardinality(String) COMMENT 'Why not: \`incident\`, \`maintenance\`, \`old\`; empty: told.',
    \`incident\` String COMMENT 'Alert id of the incident that it is a part of; empty: none.',
    \`labels\` String COMMENT 'All labels as a JSON object of strings.',
    \`related\` String COMMENT 'What else happened around it, one line each.',
    \`events\` String COMMENT 'Event ids of the rows that it rests on, separated by spaces.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, rule, alert_id, time, event_id)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'One transition of one alert: it fires or it is resolved. What nobody was told (silenced, part of an incident, old) stands here too.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.alerts_state
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`alert_id\` UUID COMMENT 'The alert, from firing to resolved: hash of rule, subject key and the event that decided it.',
    \`rule\` LowCardinality(String) COMMENT 'Name of the rule, and of its runbook.',
    \`severity\` LowCardinality(String) COMMENT 'The one scale.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`since\` DateTime64(9, 'UTC') COMMENT 'Effective time of the fault; \`time\` is that of the transition.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\`, \`ospfv3\`, \`bgp\`; empty: not of a protocol.',
    \`router\` LowCardinality(String) COMMENT 'System id, router id or address; empty: none.',
    \`router_name\` LowCardinality(String) COMMENT 'Its name where one was known.',
    \`neighbor\` LowCardinality(String) COMMENT 'The other end; empty: none.',
    \`neighbor_name\` LowCardinality(String) COMMENT 'Its name where one was known.',
    \`subject\` String COMMENT 'What and where, one line.',
    \`summary\` String COMMENT 'One sentence.',
    \`reason\` LowCardinality(String) COMMENT 'Reason words of the row that decided it; of a resolved alert why it ended, where that was no recovery.',
    \`told\` Bool COMMENT 'Whether it went to the channels.',
    \`untold\` LowCardinality(String) COMMENT 'Why not: \`incident\`, \`maintenance\`, \`old\`; empty: told.',
    \`incident\` String COMMENT 'Alert id of the incident that it is a part of; empty: none.',
    \`labels\` String COMMENT 'All labels as a JSON object of strings.',
    \`related\` String COMMENT 'What else happened around it, one line each.',
    \`events\` String COMMENT 'Event ids of the rows that it rests on, separated by spaces.',
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (alert_id)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'The newest row of alerts for each (alert_id); never expires.'`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.alerts_state_view
TO routewatch.alerts_state AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`alert_id\`,
    \`rule\`,
    \`severity\`,
    \`state\`,
    \`since\`,
    \`protocol\`,
    \`router\`,
    \`router_name\`,
    \`neighbor\`,
    \`neighbor_name\`,
    \`subject\`,
    \`summary\`,
    \`reason\`,
    \`told\`,
    \`untold\`,
    \`incident\`,
    \`labels\`,
    \`related\`,
    \`events\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.alerts
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE OR REPLACE VIEW routewatch.open_alerts AS
SELECT domain, rule, severity, since, time AS changed, subject, summary, reason, protocol, router, router_name, neighbor, neighbor_name, link, tap, told, untold, incident, labels, related, events, alert_id
FROM (SELECT * FROM routewatch.alerts_state FINAL) AS a
WHERE state = 'firing'`,
      `CREATE OR REPLACE VIEW routewatch.open_alerts_at AS
SELECT domain, rule, severity, since, time AS changed, subject, summary, reason, protocol, router, router_name, neighbor, neighbor_name, link, tap, told, untold, incident, labels, related, events, alert_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, alert_id, rule, severity, state, since, protocol, router, router_name, neighbor, neighbor_name, subject, summary, reason, told, untold, incident, labels, related, events, version FROM routewatch.alerts_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, alert_id, rule, severity, state, since, protocol, router, router_name, neighbor, neighbor_name, subject, summary, reason, told, untold, incident, labels, related, events, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.alerts WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY alert_id
) AS a
WHERE state = 'firing'`,
    ],
  },
  {
    number: 11,
    name: 'changes of operators',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.operator_changes
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`action\` LowCardinality(String) COMMENT 'What was done: \`add-maintenance-window\`, \`learn-expected-neighbors\`, \`create-token\` and so on.',
    \`subject\` String COMMENT 'To what: a domain, the id of a window, the name of a token.',
    \`actor\` LowCardinality(String) COMMENT 'Name of the token; \`command line\` where somebody with access to the data directory did it.',
    \`role\` LowCardinality(String) COMMENT 'Role of the token: \`operate\`, \`admin\`.',
    \`request_id\` String COMMENT 'Id of the request (\`X-Request-Id\`); empty: none.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree()
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (time, event_id)
SETTINGS non_replicated_deduplication_window = 100000
COMMENT 'One change that an operator made: of expected neighbours, maintenance windows or tokens. Whoever was refused, addresses and details stand in the trail that only the role admin may read.'`,
    ],
  },
];

/** For a cluster with the macros {cluster}, {shard} and {replica}: ReplicatedMergeTree and Distributed. */
export const clusterMigrations: Migration[] = [
  {
    number: 1,
    name: 'SQL functions',
    statements: [
      `CREATE OR REPLACE FUNCTION row_order ON CLUSTER '{cluster}' AS (decided_time, frame_offset, frame_index, ordinal) ->
bitShiftLeft(toUInt256(greatest(toUnixTimestamp64Nano(decided_time), toInt64(0))), 128) + bitShiftLeft(toUInt256(frame_offset), 64)
+ bitShiftLeft(toUInt256(frame_index), 32) + toUInt256(ordinal)`,
      `CREATE OR REPLACE FUNCTION covered_by ON CLUSTER '{cluster}' AS (address, length, outer) ->
address >= tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', outer)[1]), toUInt8(toUInt8(splitByChar('/', outer)[2]) + if(position(outer, ':') = 0, 96, 0))), 1) AND address <= tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', outer)[1]), toUInt8(toUInt8(splitByChar('/', outer)[2]) + if(position(outer, ':') = 0, 96, 0))), 2)
AND length >= toUInt8(splitByChar('/', outer)[2]) AND (position(outer, ':') = 0) = (address BETWEEN toIPv6('::ffff:0.0.0.0') AND toIPv6('::ffff:255.255.255.255'))`,
      `CREATE OR REPLACE FUNCTION covers ON CLUSTER '{cluster}' AS (address, length, inner) ->
(address, length) IN (tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(0, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(0, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(1, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(1, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(2, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(2, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(3, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(3, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(4, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(4, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(5, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(5, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(6, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(6, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(7, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(7, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(8, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(8, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(9, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(9, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(10, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(10, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(11, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(11, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(12, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(12, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(13, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(13, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(14, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(14, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(15, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(15, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(16, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(16, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(17, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(17, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(18, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(18, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(19, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(19, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(20, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(20, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(21, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(21, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(22, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(22, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(23, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(23, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(24, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(24, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(25, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(25, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(26, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(26, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(27, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(27, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(28, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(28, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(29, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(29, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(30, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(30, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(31, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(31, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(32, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(32, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(33, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(33, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(34, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(34, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(35, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(35, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(36, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(36, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(37, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(37, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(38, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(38, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(39, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(39, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(40, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(40, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(41, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(41, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(42, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(42, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(43, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(43, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(44, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(44, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(45, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(45, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(46, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(46, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(47, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(47, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(48, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(48, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(49, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(49, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(50, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(50, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(51, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(51, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(52, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(52, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(53, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(53, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(54, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(54, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(55, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(55, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(56, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(56, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(57, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(57, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(58, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(58, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(59, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(59, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(60, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(60, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(61, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(61, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(62, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(62, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(63, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(63, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(64, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(64, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(65, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(65, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(66, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(66, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(67, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(67, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(68, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(68, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(69, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(69, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(70, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(70, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(71, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(71, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(72, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(72, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(73, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(73, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(74, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(74, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(75, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(75, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(76, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(76, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(77, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(77, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(78, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(78, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(79, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(79, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(80, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(80, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(81, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(81, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(82, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(82, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(83, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(83, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(84, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(84, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(85, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(85, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(86, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(86, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(87, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(87, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(88, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(88, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(89, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(89, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(90, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(90, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(91, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(91, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(92, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(92, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(93, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(93, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(94, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(94, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(95, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(95, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(96, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(96, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(97, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(97, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(98, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(98, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(99, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(99, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(100, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(100, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(101, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(101, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(102, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(102, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(103, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(103, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(104, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(104, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(105, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(105, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(106, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(106, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(107, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(107, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(108, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(108, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(109, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(109, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(110, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(110, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(111, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(111, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(112, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(112, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(113, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(113, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(114, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(114, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(115, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(115, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(116, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(116, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(117, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(117, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(118, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(118, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(119, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(119, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(120, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(120, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(121, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(121, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(122, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(122, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(123, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(123, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(124, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(124, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(125, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(125, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(126, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(126, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(127, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(127, toUInt8(splitByChar('/', inner)[2]))), tuple(tupleElement(IPv6CIDRToRange(toIPv6(splitByChar('/', inner)[1]), toUInt8(least(128, toUInt8(splitByChar('/', inner)[2])) + if(position(inner, ':') = 0, 96, 0))), 1), least(128, toUInt8(splitByChar('/', inner)[2])))) AND (position(inner, ':') = 0) = (address BETWEEN toIPv6('::ffff:0.0.0.0') AND toIPv6('::ffff:255.255.255.255'))`,
    ],
  },
  {
    number: 2,
    name: 'inventory',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.router_inventory ON CLUSTER '{cluster}'
(
    \`domain\` LowCardinality(String),
    \`name\` String,
    \`site\` LowCardinality(String),
    \`role\` LowCardinality(String),
    \`system_id\` String COMMENT 'IS-IS system id \`0000.0000.0001\`; empty: none.',
    \`router_ids\` Array(String) COMMENT 'OSPF router ids and BGP identifiers.',
    \`as_number\` UInt32,
    \`addresses\` Array(String) COMMENT 'Loopback and interface addresses.',
    \`removed\` Bool DEFAULT false COMMENT 'Takes the entry back.',
    \`updated_at\` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'The newest row of a key counts.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/routewatch/router_inventory', '{replica}', updated_at)
ORDER BY (domain, name)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'Routers as the administrator names them.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.interfaces ON CLUSTER '{cluster}'
(
    \`domain\` LowCardinality(String),
    \`router_name\` String,
    \`interface_name\` String,
    \`address\` String COMMENT 'Interface address without length; empty: none.',
    \`link\` LowCardinality(String) COMMENT 'Link that it is on, as in the event tables; empty: unknown.',
    \`description\` String,
    \`removed\` Bool DEFAULT false COMMENT 'Takes the entry back.',
    \`updated_at\` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'The newest row of a key counts.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/routewatch/interfaces', '{replica}', updated_at)
ORDER BY (domain, router_name, interface_name, address)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'Interfaces as the administrator names them.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.expected_neighbors ON CLUSTER '{cluster}'
(
    \`domain\` LowCardinality(String),
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\`, \`ospfv3\` or \`bgp\`.',
    \`router\` String COMMENT 'System id, router id, address (bgp) or inventory name.',
    \`neighbor\` String,
    \`link\` LowCardinality(String) COMMENT 'Empty: on whatever link.',
    \`removed\` Bool DEFAULT false COMMENT 'Takes the entry back.',
    \`updated_at\` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'The newest row of a key counts.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/routewatch/expected_neighbors', '{replica}', updated_at)
ORDER BY (domain, protocol, router, neighbor, link)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'Which neighbours a router should have.'`,
      `CREATE OR REPLACE VIEW routewatch.expected_counts ON CLUSTER '{cluster}' AS
SELECT domain AS domain, protocol AS protocol, router AS router, link AS link, toUInt32(uniqExact(neighbor)) AS expected
FROM routewatch.expected_neighbors FINAL
WHERE NOT removed
GROUP BY domain, protocol, router, link`,
      `CREATE DICTIONARY IF NOT EXISTS routewatch.expected_counts_dictionary ON CLUSTER '{cluster}'
(domain String, protocol String, router String, link String, expected UInt32)
PRIMARY KEY domain, protocol, router, link
SOURCE(CLICKHOUSE(QUERY 'SELECT toString(domain) AS domain, toString(protocol) AS protocol, router, toString(link) AS link, expected FROM routewatch.expected_counts'))
LAYOUT(COMPLEX_KEY_DIRECT())`,
    ],
  },
  {
    number: 3,
    name: 'event tables',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.adjacency_events_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level 1 or 2; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id as a dotted quad; empty for IS-IS.',
    \`router\` LowCardinality(String) COMMENT 'Whose view changed: system id \`0000.0000.0001\` or router id.',
    \`neighbor\` LowCardinality(String) COMMENT 'Whom the view is of.',
    \`router_name\` LowCardinality(String) COMMENT 'Hostname of \`router\` learned from the wire, empty before.',
    \`neighbor_name\` LowCardinality(String) COMMENT 'Hostname of \`neighbor\` learned from the wire, empty before.',
    \`local_address\` LowCardinality(String) COMMENT 'Interface address of \`router\`; empty where unknown.',
    \`neighbor_address\` LowCardinality(String) COMMENT 'Interface address of \`neighbor\`; empty where unknown.',
    \`neighbor_snpa\` LowCardinality(String) COMMENT 'SNPA (MAC address) of the neighbour; empty for OSPF.',
    \`circuit_id\` UInt32 COMMENT 'IS-IS: the neighbour\\'s (extended) local circuit id; 0 where unknown.',
    \`vlan\` UInt16 COMMENT 'VLAN id of the outermost tag; 0 untagged.',
    \`prev_state\` LowCardinality(String) COMMENT 'State before; \`unknown\` at first sight.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`reason\` LowCardinality(String) COMMENT 'Why, from a closed list.',
    \`detail\` LowCardinality(String) COMMENT 'For config-mismatch the YANG \`error\`; else empty or a flag such as restart, suppressed.',
    \`hold_time\` UInt32 COMMENT 'Hold time (OSPF: dead interval) in force for the view. Unit: s.',
    \`last_hello\` DateTime64(9, 'UTC') COMMENT 'Time of the neighbour\\'s last hello that the router accepted; 1970 where there was none.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/adjacency_events', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, router, neighbor, link, time, event_id)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'One transition of what one router believes of one neighbour (a directed view), IS-IS and OSPF.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.adjacency_events ON CLUSTER '{cluster}' AS routewatch.adjacency_events_local
ENGINE = Distributed('{cluster}', 'routewatch', 'adjacency_events_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.neighbor_counts_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`router\` LowCardinality(String) COMMENT 'System id or router id.',
    \`router_name\` LowCardinality(String) COMMENT 'Hostname learned from the wire.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS.',
    \`adjacencies\` UInt32 COMMENT 'Views that are up (IS-IS) or at least 2-way (OSPF).',
    \`neighbors\` UInt32 COMMENT 'Distinct neighbours among them.',
    \`full\` UInt32 COMMENT 'OSPF: views that are full; IS-IS: views that are up.',
    \`two_way\` UInt32 COMMENT 'OSPF: views that rest at 2-way; IS-IS: 0.',
    \`coverage\` LowCardinality(String) COMMENT 'Whether the count can be believed.',
    \`expected\` Nullable(UInt32) ALIAS dictGetOrNull('routewatch.expected_counts_dictionary', 'expected', (toString(domain), toString(protocol), toString(router), toString(link))) COMMENT 'Neighbours that the inventory expects on the link, joined when read; NULL: it says nothing.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/neighbor_counts', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, router, link, level, area, time, event_id)
TTL toDateTime(ingest_time) + INTERVAL 400 DAY
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1
COMMENT 'Neighbours of one router on one link, written on change and once a minute.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.neighbor_counts ON CLUSTER '{cluster}' AS routewatch.neighbor_counts_local
ENGINE = Distributed('{cluster}', 'routewatch', 'neighbor_counts_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.topology_changes_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS and AS scope.',
    \`object_type\` LowCardinality(String) COMMENT '\`node\`, \`link\`, \`prefix\` or \`lan\`.',
    \`object_key\` String COMMENT 'node: its id; link: \`A -> B\` (pseudonodes resolved), with \`#n\` for parallel ones; prefix: \`router prefix\`; lan: id.',
    \`router\` LowCardinality(String) COMMENT 'The advertising router (for a lan: the reporter or empty).',
    \`router_name\` LowCardinality(String) COMMENT 'Its hostname learned from the wire.',
    \`neighbor\` LowCardinality(String) COMMENT 'Far end of a link; else empty.',
    \`prefix\` String COMMENT 'For a prefix: address/length; else empty.',
    \`change\` LowCardinality(String) COMMENT '\`added\`, \`removed\` or \`changed\`.',
    \`field\` LowCardinality(String) COMMENT 'What changed: \`exists\` when the object appeared or vanished (its metric as the number; other fields that it has are rows of the same frame), \`metric\`, \`overload\`, \`hostname\`, \`dis\`, ... as in the YANG modules.',
    \`old_number\` Nullable(Int64) COMMENT 'Old value where it is a number.',
    \`new_number\` Nullable(Int64) COMMENT 'New value where it is a number.',
    \`old_text\` String COMMENT 'Old value where it is text.',
    \`new_text\` String COMMENT 'New value where it is text.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/topology_changes', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, object_type, object_key, time, event_id)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'One field of one object of the graph: a node, link, prefix or LAN appeared, vanished or changed.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.topology_changes ON CLUSTER '{cluster}' AS routewatch.topology_changes_local
ENGINE = Distributed('{cluster}', 'routewatch', 'topology_changes_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.route_changes_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`sender\` LowCardinality(String) COMMENT 'Address of the speaker that sent it.',
    \`receiver\` LowCardinality(String) COMMENT 'Address of the speaker that it was sent to.',
    \`afi_safi\` LowCardinality(String) COMMENT 'Address family as in iana-bgp-types.',
    \`prefix_address\` IPv6 COMMENT 'Network address, IPv4 mapped.',
    \`prefix_length\` UInt8 COMMENT 'Prefix length of the family (IPv4: 0-32).',
    \`prefix\` String ALIAS concat(if(afi_safi LIKE 'ipv4%', substring(toString(prefix_address), 8), toString(prefix_address)), '/', toString(prefix_length)) COMMENT 'Prefix as text.',
    \`path_id\` UInt32 COMMENT 'ADD-PATH path identifier (RFC 7911); 0 without.',
    \`change_class\` LowCardinality(String) COMMENT 'tup, tdown, aadiff, aadup, wwdup (Labovitz).',
    \`attributes\` UInt128 COMMENT 'Content hash of the attribute set; 0 when withdrawn.',
    \`prev_attributes\` UInt128 COMMENT 'Content hash of the set before; 0 when there was none.',
    \`origin_as\` UInt32 COMMENT 'Last AS of the path; 0 for none (iBGP-originated) or when it ends in a set. A withdrawal has that of the withdrawn route.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1,
    PROJECTION by_session (SELECT * ORDER BY sender, receiver, time)
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/route_changes', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (afi_safi, prefix_address, prefix_length, sender, receiver, time, event_id)
TTL toDateTime(ingest_time) + INTERVAL 400 DAY
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1
COMMENT 'One change in what \`sender\` tells \`receiver\` (the receiver\\'s Adj-RIB-In, the sender\\'s Adj-RIB-Out).'`,
      `CREATE TABLE IF NOT EXISTS routewatch.route_changes ON CLUSTER '{cluster}' AS routewatch.route_changes_local
ENGINE = Distributed('{cluster}', 'routewatch', 'route_changes_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.path_attributes_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`attributes\` UInt128 COMMENT 'Content hash (MurmurHash3 x64-128 of the canonical set: attributes by code, flags masked, next hop of the family).',
    \`origin\` LowCardinality(String) COMMENT '\`igp\`, \`egp\`, \`incomplete\`; empty when absent.',
    \`as_path\` Array(UInt32) COMMENT 'All AS numbers in order, members of sets included.',
    \`as_path_text\` String COMMENT '\`65002 65001 {64999}\`; confederations in parentheses.',
    \`origin_as\` UInt32 COMMENT 'Last AS of the path; 0 where there is none.',
    \`first_as\` UInt32 COMMENT 'First AS of the path; 0 where there is none.',
    \`next_hop\` String COMMENT 'Next hop address (global one of two).',
    \`next_hop_link_local\` String COMMENT 'Link-local next hop (RFC 2545); else empty.',
    \`med\` Nullable(UInt32) COMMENT 'MULTI_EXIT_DISC.',
    \`local_pref\` Nullable(UInt32) COMMENT 'LOCAL_PREF.',
    \`atomic_aggregate\` Bool COMMENT 'ATOMIC_AGGREGATE present.',
    \`aggregator\` String COMMENT '\`AS address\`; else empty.',
    \`communities\` Array(String) COMMENT '\`65002:1\`, as sent.',
    \`large_communities\` Array(String) COMMENT '\`65002:1:2\`, as sent.',
    \`ext_communities\` Array(String) COMMENT '\`rt:65000:99\`, \`soo:...\`, or 16 hex digits.',
    \`originator_id\` String COMMENT 'ORIGINATOR_ID (RFC 4456); else empty.',
    \`cluster_list\` Array(String) COMMENT 'CLUSTER_LIST as dotted quads.',
    \`other\` Array(String) DEFAULT [] COMMENT 'Reserved for attributes with columns of their own later.',
    \`raw\` String COMMENT 'The canonical attribute bytes, unknown attributes included.' CODEC(ZSTD(3)),
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/path_attributes', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (attributes, event_id)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'One attribute set, written at its first use by a shadow; equal sets have equal hashes everywhere. Of several rows of one set the newest counts: another decoder may have read it anew.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.path_attributes ON CLUSTER '{cluster}' AS routewatch.path_attributes_local
ENGINE = Distributed('{cluster}', 'routewatch', 'path_attributes_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.rib_marks_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`sender\` LowCardinality(String) COMMENT 'Address of the speaker.',
    \`receiver\` LowCardinality(String) COMMENT 'Address of its peer.',
    \`afi_safi\` LowCardinality(String) COMMENT 'Address family.',
    \`mark\` LowCardinality(String) COMMENT '\`flush\`: all gone; \`stale\`: kept, stale; \`sweep\`: those still stale are gone.',
    \`reason\` LowCardinality(String) COMMENT 'Why.',
    \`routes\` UInt32 COMMENT 'How many routes it concerned.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/rib_marks', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (sender, receiver, afi_safi, time, event_id)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'All routes of a sender, receiver and family were dropped, marked stale, or swept of what stayed stale.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.rib_marks ON CLUSTER '{cluster}' AS routewatch.rib_marks_local
ENGINE = Distributed('{cluster}', 'routewatch', 'rib_marks_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.session_events_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`router\` LowCardinality(String) COMMENT 'Address of the end whose view changed.',
    \`peer\` LowCardinality(String) COMMENT 'Address of the other end.',
    \`router_as\` UInt32 COMMENT 'The end\\'s AS from its OPEN; 0 unknown.',
    \`peer_as\` UInt32 COMMENT 'The other end\\'s AS; 0 unknown.',
    \`router_id\` LowCardinality(String) COMMENT 'BGP identifier from the OPEN; empty unknown.',
    \`peer_id\` LowCardinality(String) COMMENT 'The other end\\'s BGP identifier.',
    \`prev_state\` LowCardinality(String) COMMENT 'State before.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`reason\` LowCardinality(String) COMMENT 'Why, from a closed list.',
    \`code\` UInt8 COMMENT 'NOTIFICATION error code; 0 none.',
    \`subcode\` UInt8 COMMENT 'NOTIFICATION error subcode.',
    \`shutdown_text\` String COMMENT 'Shutdown communication (RFC 9003); empty none.',
    \`capability_source\` LowCardinality(String) COMMENT 'Whether capabilities come from the OPENs, from what parses, or are assumed.',
    \`hold_time\` UInt16 COMMENT 'Negotiated hold time; 0 none or unknown. Unit: s.',
    \`coverage\` LowCardinality(String) COMMENT 'full: both directions seen; partial: one.',
    \`capabilities\` String COMMENT 'Capabilities in force, as comma-separated names; empty unknown.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/session_events', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, router, peer, link, time, event_id)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'One transition of one end\\'s view of a BGP session; two ends, two rows.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.session_events ON CLUSTER '{cluster}' AS routewatch.session_events_local
ENGINE = Distributed('{cluster}', 'routewatch', 'session_events_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.protocol_errors_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT 'Protocol.',
    \`sender\` LowCardinality(String) COMMENT 'System id, router id or address of who did it.',
    \`receiver\` LowCardinality(String) COMMENT 'Who had to refuse it; empty: everyone.',
    \`error\` LowCardinality(String) COMMENT 'YANG \`error\` value or one of our list, such as \`isis.area_mismatch\`.',
    \`detail\` String COMMENT 'What was found and what was expected.',
    \`count\` UInt32 COMMENT 'How often since the last row of the same cause.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/protocol_errors', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, sender, error, time, event_id)
TTL toDateTime(ingest_time) + INTERVAL 400 DAY
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1
COMMENT 'A refused hello, a bad TLV or attribute, an RFC 7606 case: once per cause and minute, with a count.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.protocol_errors ON CLUSTER '{cluster}' AS routewatch.protocol_errors_local
ENGINE = Distributed('{cluster}', 'routewatch', 'protocol_errors_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.coverage_events_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`what\` LowCardinality(String) COMMENT 'tap-opened, tap-closed, coverage-lost, coverage-suspect, gap, state-reset, restored.',
    \`subject\` String COMMENT 'The tap, or the session or link that it concerns.',
    \`from\` DateTime64(9, 'UTC') COMMENT 'Begin of the interval.',
    \`to\` DateTime64(9, 'UTC') COMMENT 'End of the interval; 1970 while it lasts.',
    \`lost\` UInt64 COMMENT 'Frames or bytes that are known to be missing.',
    \`detail\` String COMMENT 'What happened, for people.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/coverage_events', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, tap, time, event_id)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'A tap opened, closed, was lost, has a gap, or came back. Blind is not down.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.coverage_events ON CLUSTER '{cluster}' AS routewatch.coverage_events_local
ENGINE = Distributed('{cluster}', 'routewatch', 'coverage_events_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.quarantine_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT 'Protocol of the frame.',
    \`error\` LowCardinality(String) COMMENT 'Code from a closed list: \`isis.pdu-short\`, \`trap\`, \`watchdog\`, \`mad-time\`, ...',
    \`error_offset\` UInt32 COMMENT 'Byte of the PDU where it was found.',
    \`source_line\` LowCardinality(String) COMMENT 'For a trap: source file and line of the decoder.',
    \`bytes\` String COMMENT 'The raw bytes of the frame.' CODEC(ZSTD(3)),
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/quarantine', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, error, time, event_id)
TTL toDateTime(ingest_time) + INTERVAL 90 DAY
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1
COMMENT 'A frame that could not be used: PDU-level parse error, trap, watchdog, mad time.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.quarantine ON CLUSTER '{cluster}' AS routewatch.quarantine_local
ENGINE = Distributed('{cluster}', 'routewatch', 'quarantine_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.router_names_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT 'Where it was learned.',
    \`router\` LowCardinality(String) COMMENT 'System id, router id or BGP identifier.',
    \`attribute\` LowCardinality(String) COMMENT 'What is said of it.',
    \`value\` String COMMENT 'The value; empty: withdrawn.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/router_names', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, router, attribute, value, time, event_id)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'One identity of a router learned from the wire; feeds \`routers\`.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.router_names ON CLUSTER '{cluster}' AS routewatch.router_names_local
ENGINE = Distributed('{cluster}', 'routewatch', 'router_names_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.lsdb_changes_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS and AS scope.',
    \`lsa_type\` UInt8 COMMENT 'OSPF LS type; 0 for IS-IS.',
    \`lsa_id\` String COMMENT 'LSP id \`0000.0000.0001.00-00\` or link state id.',
    \`advertising_router\` LowCardinality(String) COMMENT 'System id or router id of the originator.',
    \`change\` LowCardinality(String) COMMENT 'What the instance is against the one before.',
    \`sequence\` UInt32 COMMENT 'Sequence number, as on the wire.',
    \`checksum\` UInt16 COMMENT 'Checksum, as on the wire.',
    \`lifetime\` UInt16 COMMENT 'IS-IS: remaining lifetime; OSPF: LS age. Unit: s.',
    \`pdu\` String COMMENT 'The LSP or LSA itself; empty when refreshed with equal content.' CODEC(ZSTD(3)),
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/lsdb_changes', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, protocol, level, area, lsa_type, lsa_id, advertising_router, time, event_id)
TTL toDateTime(ingest_time) + INTERVAL 400 DAY
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800, ttl_only_drop_parts = 1
COMMENT 'A newer instance of an LSP or LSA was adopted: new, changed, refreshed, purged or expired.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.lsdb_changes ON CLUSTER '{cluster}' AS routewatch.lsdb_changes_local
ENGINE = Distributed('{cluster}', 'routewatch', 'lsdb_changes_local', rand())`,
    ],
  },
  {
    number: 4,
    name: 'current rows',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.adjacencies_state_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level 1 or 2; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id as a dotted quad; empty for IS-IS.',
    \`router\` LowCardinality(String) COMMENT 'Whose view changed: system id \`0000.0000.0001\` or router id.',
    \`neighbor\` LowCardinality(String) COMMENT 'Whom the view is of.',
    \`router_name\` LowCardinality(String) COMMENT 'Hostname of \`router\` learned from the wire, empty before.',
    \`neighbor_name\` LowCardinality(String) COMMENT 'Hostname of \`neighbor\` learned from the wire, empty before.',
    \`local_address\` LowCardinality(String) COMMENT 'Interface address of \`router\`; empty where unknown.',
    \`neighbor_address\` LowCardinality(String) COMMENT 'Interface address of \`neighbor\`; empty where unknown.',
    \`neighbor_snpa\` LowCardinality(String) COMMENT 'SNPA (MAC address) of the neighbour; empty for OSPF.',
    \`circuit_id\` UInt32 COMMENT 'IS-IS: the neighbour\\'s (extended) local circuit id; 0 where unknown.',
    \`vlan\` UInt16 COMMENT 'VLAN id of the outermost tag; 0 untagged.',
    \`prev_state\` LowCardinality(String) COMMENT 'State before; \`unknown\` at first sight.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`reason\` LowCardinality(String) COMMENT 'Why, from a closed list.',
    \`detail\` LowCardinality(String) COMMENT 'For config-mismatch the YANG \`error\`; else empty or a flag such as restart, suppressed.',
    \`hold_time\` UInt32 COMMENT 'Hold time (OSPF: dead interval) in force for the view. Unit: s.',
    \`last_hello\` DateTime64(9, 'UTC') COMMENT 'Time of the neighbour\\'s last hello that the router accepted; 1970 where there was none.',
    \`view_address\` LowCardinality(String),
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/routewatch/adjacencies_state', '{replica}', version)
ORDER BY (domain, network_instance, protocol, router, neighbor, link, level, view_address)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'The newest row of adjacency_events for each (domain, network_instance, protocol, router, neighbor, link, level, view_address); never expires.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.adjacencies_state ON CLUSTER '{cluster}' AS routewatch.adjacencies_state_local
ENGINE = Distributed('{cluster}', 'routewatch', 'adjacencies_state_local', rand())`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.adjacencies_state_view ON CLUSTER '{cluster}'
TO routewatch.adjacencies_state_local AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`level\`,
    \`area\`,
    \`router\`,
    \`neighbor\`,
    \`router_name\`,
    \`neighbor_name\`,
    \`local_address\`,
    \`neighbor_address\`,
    \`neighbor_snpa\`,
    \`circuit_id\`,
    \`vlan\`,
    \`prev_state\`,
    \`state\`,
    \`reason\`,
    \`detail\`,
    \`hold_time\`,
    \`last_hello\`,
    if(protocol = 'isis', neighbor_snpa, neighbor_address) AS \`view_address\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.adjacency_events_local
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.neighbor_counts_state_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`router\` LowCardinality(String) COMMENT 'System id or router id.',
    \`router_name\` LowCardinality(String) COMMENT 'Hostname learned from the wire.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS.',
    \`adjacencies\` UInt32 COMMENT 'Views that are up (IS-IS) or at least 2-way (OSPF).',
    \`neighbors\` UInt32 COMMENT 'Distinct neighbours among them.',
    \`full\` UInt32 COMMENT 'OSPF: views that are full; IS-IS: views that are up.',
    \`two_way\` UInt32 COMMENT 'OSPF: views that rest at 2-way; IS-IS: 0.',
    \`coverage\` LowCardinality(String) COMMENT 'Whether the count can be believed.',
    \`expected\` Nullable(UInt32) ALIAS dictGetOrNull('routewatch.expected_counts_dictionary', 'expected', (toString(domain), toString(protocol), toString(router), toString(link))) COMMENT 'Neighbours that the inventory expects on the link, joined when read; NULL: it says nothing.',
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/routewatch/neighbor_counts_state', '{replica}', version)
ORDER BY (domain, network_instance, protocol, router, link, level, area)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'The newest row of neighbor_counts for each (domain, network_instance, protocol, router, link, level, area); never expires.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.neighbor_counts_state ON CLUSTER '{cluster}' AS routewatch.neighbor_counts_state_local
ENGINE = Distributed('{cluster}', 'routewatch', 'neighbor_counts_state_local', rand())`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.neighbor_counts_state_view ON CLUSTER '{cluster}'
TO routewatch.neighbor_counts_state_local AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`router\`,
    \`router_name\`,
    \`level\`,
    \`area\`,
    \`adjacencies\`,
    \`neighbors\`,
    \`full\`,
    \`two_way\`,
    \`coverage\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.neighbor_counts_local
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.topology_state_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS and AS scope.',
    \`object_type\` LowCardinality(String) COMMENT '\`node\`, \`link\`, \`prefix\` or \`lan\`.',
    \`object_key\` String COMMENT 'node: its id; link: \`A -> B\` (pseudonodes resolved), with \`#n\` for parallel ones; prefix: \`router prefix\`; lan: id.',
    \`router\` LowCardinality(String) COMMENT 'The advertising router (for a lan: the reporter or empty).',
    \`router_name\` LowCardinality(String) COMMENT 'Its hostname learned from the wire.',
    \`neighbor\` LowCardinality(String) COMMENT 'Far end of a link; else empty.',
    \`prefix\` String COMMENT 'For a prefix: address/length; else empty.',
    \`change\` LowCardinality(String) COMMENT '\`added\`, \`removed\` or \`changed\`.',
    \`field\` LowCardinality(String) COMMENT 'What changed: \`exists\` when the object appeared or vanished (its metric as the number; other fields that it has are rows of the same frame), \`metric\`, \`overload\`, \`hostname\`, \`dis\`, ... as in the YANG modules.',
    \`old_number\` Nullable(Int64) COMMENT 'Old value where it is a number.',
    \`new_number\` Nullable(Int64) COMMENT 'New value where it is a number.',
    \`old_text\` String COMMENT 'Old value where it is text.',
    \`new_text\` String COMMENT 'New value where it is text.',
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/routewatch/topology_state', '{replica}', version)
ORDER BY (domain, network_instance, protocol, level, area, object_type, object_key, field)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'The newest row of topology_changes for each (domain, network_instance, protocol, level, area, object_type, object_key, field); never expires.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.topology_state ON CLUSTER '{cluster}' AS routewatch.topology_state_local
ENGINE = Distributed('{cluster}', 'routewatch', 'topology_state_local', rand())`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.topology_state_view ON CLUSTER '{cluster}'
TO routewatch.topology_state_local AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`level\`,
    \`area\`,
    \`object_type\`,
    \`object_key\`,
    \`router\`,
    \`router_name\`,
    \`neighbor\`,
    \`prefix\`,
    \`change\`,
    \`field\`,
    \`old_number\`,
    \`new_number\`,
    \`old_text\`,
    \`new_text\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.topology_changes_local
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.rib_paths_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`sender\` LowCardinality(String) COMMENT 'Address of the speaker that sent it.',
    \`receiver\` LowCardinality(String) COMMENT 'Address of the speaker that it was sent to.',
    \`afi_safi\` LowCardinality(String) COMMENT 'Address family as in iana-bgp-types.',
    \`prefix_address\` IPv6 COMMENT 'Network address, IPv4 mapped.',
    \`prefix_length\` UInt8 COMMENT 'Prefix length of the family (IPv4: 0-32).',
    \`prefix\` String ALIAS concat(if(afi_safi LIKE 'ipv4%', substring(toString(prefix_address), 8), toString(prefix_address)), '/', toString(prefix_length)) COMMENT 'Prefix as text.',
    \`path_id\` UInt32 COMMENT 'ADD-PATH path identifier (RFC 7911); 0 without.',
    \`change_class\` LowCardinality(String) COMMENT 'tup, tdown, aadiff, aadup, wwdup (Labovitz).',
    \`attributes\` UInt128 COMMENT 'Content hash of the attribute set; 0 when withdrawn.',
    \`prev_attributes\` UInt128 COMMENT 'Content hash of the set before; 0 when there was none.',
    \`origin_as\` UInt32 COMMENT 'Last AS of the path; 0 for none (iBGP-originated) or when it ends in a set. A withdrawal has that of the withdrawn route.',
    \`session_link\` LowCardinality(String),
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/routewatch/rib_paths', '{replica}', version)
ORDER BY (afi_safi, prefix_address, prefix_length, path_id, sender, receiver, domain, network_instance, session_link)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'The newest row of route_changes for each (afi_safi, prefix_address, prefix_length, path_id, sender, receiver, domain, network_instance, session_link); never expires.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.rib_paths ON CLUSTER '{cluster}' AS routewatch.rib_paths_local
ENGINE = Distributed('{cluster}', 'routewatch', 'rib_paths_local', rand())`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.rib_paths_view ON CLUSTER '{cluster}'
TO routewatch.rib_paths_local AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`sender\`,
    \`receiver\`,
    \`afi_safi\`,
    \`prefix_address\`,
    \`prefix_length\`,
    \`path_id\`,
    \`change_class\`,
    \`attributes\`,
    \`prev_attributes\`,
    \`origin_as\`,
    if(startsWith(sender, 'fe80:'), link, '') AS \`session_link\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.route_changes_local
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.sessions_state_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`router\` LowCardinality(String) COMMENT 'Address of the end whose view changed.',
    \`peer\` LowCardinality(String) COMMENT 'Address of the other end.',
    \`router_as\` UInt32 COMMENT 'The end\\'s AS from its OPEN; 0 unknown.',
    \`peer_as\` UInt32 COMMENT 'The other end\\'s AS; 0 unknown.',
    \`router_id\` LowCardinality(String) COMMENT 'BGP identifier from the OPEN; empty unknown.',
    \`peer_id\` LowCardinality(String) COMMENT 'The other end\\'s BGP identifier.',
    \`prev_state\` LowCardinality(String) COMMENT 'State before.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`reason\` LowCardinality(String) COMMENT 'Why, from a closed list.',
    \`code\` UInt8 COMMENT 'NOTIFICATION error code; 0 none.',
    \`subcode\` UInt8 COMMENT 'NOTIFICATION error subcode.',
    \`shutdown_text\` String COMMENT 'Shutdown communication (RFC 9003); empty none.',
    \`capability_source\` LowCardinality(String) COMMENT 'Whether capabilities come from the OPENs, from what parses, or are assumed.',
    \`hold_time\` UInt16 COMMENT 'Negotiated hold time; 0 none or unknown. Unit: s.',
    \`coverage\` LowCardinality(String) COMMENT 'full: both directions seen; partial: one.',
    \`capabilities\` String COMMENT 'Capabilities in force, as comma-separated names; empty unknown.',
    \`session_link\` LowCardinality(String),
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/routewatch/sessions_state', '{replica}', version)
ORDER BY (domain, network_instance, router, peer, session_link)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'The newest row of session_events for each (domain, network_instance, router, peer, session_link); never expires.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.sessions_state ON CLUSTER '{cluster}' AS routewatch.sessions_state_local
ENGINE = Distributed('{cluster}', 'routewatch', 'sessions_state_local', rand())`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.sessions_state_view ON CLUSTER '{cluster}'
TO routewatch.sessions_state_local AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`router\`,
    \`peer\`,
    \`router_as\`,
    \`peer_as\`,
    \`router_id\`,
    \`peer_id\`,
    \`prev_state\`,
    \`state\`,
    \`reason\`,
    \`code\`,
    \`subcode\`,
    \`shutdown_text\`,
    \`capability_source\`,
    \`hold_time\`,
    \`coverage\`,
    \`capabilities\`,
    if(startsWith(router, 'fe80:'), link, '') AS \`session_link\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.session_events_local
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.router_names_state_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT 'Where it was learned.',
    \`router\` LowCardinality(String) COMMENT 'System id, router id or BGP identifier.',
    \`attribute\` LowCardinality(String) COMMENT 'What is said of it.',
    \`value\` String COMMENT 'The value; empty: withdrawn.',
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/routewatch/router_names_state', '{replica}', version)
ORDER BY (domain, network_instance, protocol, router, attribute, value)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'The newest row of router_names for each (domain, network_instance, protocol, router, attribute, value); never expires.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.router_names_state ON CLUSTER '{cluster}' AS routewatch.router_names_state_local
ENGINE = Distributed('{cluster}', 'routewatch', 'router_names_state_local', rand())`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.router_names_state_view ON CLUSTER '{cluster}'
TO routewatch.router_names_state_local AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`router\`,
    \`attribute\`,
    \`value\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.router_names_local
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.lsdb_state_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS and AS scope.',
    \`lsa_type\` UInt8 COMMENT 'OSPF LS type; 0 for IS-IS.',
    \`lsa_id\` String COMMENT 'LSP id \`0000.0000.0001.00-00\` or link state id.',
    \`advertising_router\` LowCardinality(String) COMMENT 'System id or router id of the originator.',
    \`change\` LowCardinality(String) COMMENT 'What the instance is against the one before.',
    \`sequence\` UInt32 COMMENT 'Sequence number, as on the wire.',
    \`checksum\` UInt16 COMMENT 'Checksum, as on the wire.',
    \`lifetime\` UInt16 COMMENT 'IS-IS: remaining lifetime; OSPF: LS age. Unit: s.',
    \`pdu\` String COMMENT 'The LSP or LSA itself; empty when refreshed with equal content.' CODEC(ZSTD(3)),
    \`scope_link\` LowCardinality(String),
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/routewatch/lsdb_state', '{replica}', version)
ORDER BY (domain, network_instance, protocol, level, area, lsa_type, lsa_id, advertising_router, scope_link)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'The newest row of lsdb_changes for each (domain, network_instance, protocol, level, area, lsa_type, lsa_id, advertising_router, scope_link); never expires.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.lsdb_state ON CLUSTER '{cluster}' AS routewatch.lsdb_state_local
ENGINE = Distributed('{cluster}', 'routewatch', 'lsdb_state_local', rand())`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.lsdb_state_view ON CLUSTER '{cluster}'
TO routewatch.lsdb_state_local AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`level\`,
    \`area\`,
    \`lsa_type\`,
    \`lsa_id\`,
    \`advertising_router\`,
    \`change\`,
    \`sequence\`,
    \`checksum\`,
    \`lifetime\`,
    \`pdu\`,
    if(protocol = 'ospfv2' AND lsa_type = 9, link, '') AS \`scope_link\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.lsdb_changes_local
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE TABLE IF NOT EXISTS routewatch.lsdb_contents_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\` or \`ospfv3\`.',
    \`level\` UInt8 COMMENT 'IS-IS level; 0 elsewhere.',
    \`area\` LowCardinality(String) COMMENT 'OSPF area id; empty for IS-IS and AS scope.',
    \`lsa_type\` UInt8 COMMENT 'OSPF LS type; 0 for IS-IS.',
    \`lsa_id\` String COMMENT 'LSP id \`0000.0000.0001.00-00\` or link state id.',
    \`advertising_router\` LowCardinality(String) COMMENT 'System id or router id of the originator.',
    \`change\` LowCardinality(String) COMMENT 'What the instance is against the one before.',
    \`sequence\` UInt32 COMMENT 'Sequence number, as on the wire.',
    \`checksum\` UInt16 COMMENT 'Checksum, as on the wire.',
    \`lifetime\` UInt16 COMMENT 'IS-IS: remaining lifetime; OSPF: LS age. Unit: s.',
    \`pdu\` String COMMENT 'The LSP or LSA itself; empty when refreshed with equal content.' CODEC(ZSTD(3)),
    \`scope_link\` LowCardinality(String),
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/routewatch/lsdb_contents', '{replica}', version)
ORDER BY (domain, network_instance, protocol, level, area, lsa_type, lsa_id, advertising_router, scope_link)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'The newest row of lsdb_changes for each (domain, network_instance, protocol, level, area, lsa_type, lsa_id, advertising_router, scope_link); never expires.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.lsdb_contents ON CLUSTER '{cluster}' AS routewatch.lsdb_contents_local
ENGINE = Distributed('{cluster}', 'routewatch', 'lsdb_contents_local', rand())`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.lsdb_contents_view ON CLUSTER '{cluster}'
TO routewatch.lsdb_contents_local AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`level\`,
    \`area\`,
    \`lsa_type\`,
    \`lsa_id\`,
    \`advertising_router\`,
    \`change\`,
    \`sequence\`,
    \`checksum\`,
    \`lifetime\`,
    \`pdu\`,
    if(protocol = 'ospfv2' AND lsa_type = 9, link, '') AS \`scope_link\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.lsdb_changes_local
WHERE time <= ingest_time + INTERVAL 1 DAY AND pdu != ''`,
    ],
  },
  {
    number: 5,
    name: 'ledger of the sink',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.ledger_local ON CLUSTER '{cluster}'
(
    \`log_id\` String COMMENT 'The log of the events records.',
    \`partition\` UInt32,
    \`owner\` String COMMENT 'Worker whose claim wrote the records.',
    \`first_offset\` UInt64 COMMENT 'First events record of the cut.',
    \`last_offset\` UInt64,
    \`end_offset\` UInt64 COMMENT 'Where the cut ends in the frames log: all frames before it are done,',
    \`end_rows\` UInt64 COMMENT 'and so many rows of the batch that stands there.',
    \`token\` String COMMENT 'Deduplication token without the table.',
    \`rows\` Map(String, UInt64) COMMENT 'Rows by table.',
    \`refused\` Map(String, UInt64) COMMENT 'Rows by table that the store would not take: quarantine has their records.',
    \`quarantined\` UInt64 COMMENT 'Rows of quarantine that the sink made of them.',
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'Time of the cut.',
    \`inserted_at\` DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/ledger', '{replica}')
ORDER BY (log_id, partition, last_offset, owner)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'One row for each cut that the sink has inserted, written last.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.ledger ON CLUSTER '{cluster}' AS routewatch.ledger_local
ENGINE = Distributed('{cluster}', 'routewatch', 'ledger_local', rand())`,
    ],
  },
  {
    number: 6,
    name: 'views',
    statements: [
      `CREATE OR REPLACE VIEW routewatch.router_identities ON CLUSTER '{cluster}' AS
SELECT
    domain, identity,
    argMaxIf(wire_name, rank, wire_name != '') AS wire_name,
    anyIf(inventory_name, inventory_name != '') AS inventory_name,
    if(wire_name != '', wire_name, inventory_name) AS name,
    anyIf(site, site != '') AS site,
    anyIf(role, role != '') AS role
FROM
(
    SELECT
        toString(domain) AS domain, arrayJoin(arrayDistinct(arrayFilter(x -> x != '', arrayConcat([name, system_id], router_ids, addresses)))) AS identity,
        '' AS wire_name, 0 AS rank, name AS inventory_name, toString(site) AS site, toString(role) AS role
    FROM routewatch.router_inventory FINAL WHERE NOT removed
    UNION ALL
    SELECT domain, identity, wire_name, 2 AS rank, '' AS inventory_name, '' AS site, '' AS role FROM (SELECT toString(domain) AS domain, toString(router) AS identity, argMax(value, version) AS wire_name
    FROM routewatch.router_names_state FINAL WHERE attribute = 'hostname'
    GROUP BY domain, identity)
    UNION ALL
    SELECT domain, identity, wire_name, 1 AS rank, '' AS inventory_name, '' AS site, '' AS role FROM (SELECT o.domain AS domain, o.address AS identity, any(h.wire_name) AS wire_name
    FROM
    (
        SELECT toString(domain) AS domain, toString(router) AS address, toString(router_id) AS owner FROM routewatch.sessions_state FINAL WHERE router_id != ''
        UNION ALL
        SELECT toString(domain) AS domain, value AS address, toString(router) AS owner FROM routewatch.router_names_state FINAL
        WHERE attribute = 'interface-address' AND value != ''
    ) AS o
    GLOBAL LEFT ANY JOIN (SELECT toString(domain) AS domain, toString(router) AS identity, argMax(value, version) AS wire_name
    FROM routewatch.router_names_state FINAL WHERE attribute = 'hostname'
    GROUP BY domain, identity) AS h ON h.domain = o.domain AND h.identity = o.owner
    WHERE o.address != o.owner
    GROUP BY domain, identity
    HAVING uniqExact(h.wire_name) = 1 AND wire_name != '')
)
GROUP BY domain, identity`,
      `CREATE OR REPLACE VIEW routewatch.routers ON CLUSTER '{cluster}' AS
SELECT
    w.domain AS domain, w.router AS router, w.protocols AS protocols,
    i.name AS name, i.site AS site, i.role AS role,
    w.hostname AS hostname, w.te_router_id AS te_router_id, w.as_number AS as_number,
    w.areas AS areas, w.addresses AS addresses, w.since AS since
FROM
(
    SELECT
        toString(domain) AS domain, router,
        arraySort(groupUniqArray(toString(protocol))) AS protocols,
        argMaxIf(value, version, attribute = 'hostname') AS hostname,
        argMaxIf(value, version, attribute = 'te-router-id') AS te_router_id,
        toUInt32OrZero(argMaxIf(value, version, attribute = 'as-number')) AS as_number,
        arraySort(groupUniqArrayIf(value, attribute = 'area' AND value != '')) AS areas,
        arraySort(groupUniqArrayIf(value, attribute = 'interface-address' AND value != '')) AS addresses,
        min(time) AS since
    FROM
    (
        SELECT domain, toString(protocol) AS protocol, toString(router) AS router, toString(attribute) AS attribute, value, version, time
        FROM routewatch.router_names_state FINAL
        UNION ALL
        SELECT domain, arrayJoin(['isis', 'ospfv2', 'bgp']) AS protocol,
            arrayJoin(if(protocol = 'isis', [system_id], router_ids)) AS router, 'inventory' AS attribute, name AS value, toUInt256(0) AS version,
            toDateTime64(updated_at, 9, 'UTC') AS time
        FROM routewatch.router_inventory FINAL WHERE NOT removed
    )
    WHERE router != ''
    GROUP BY domain, router
) AS w
GLOBAL LEFT ANY JOIN routewatch.router_identities AS i ON i.domain = w.domain AND i.identity = w.router`,
      `CREATE DICTIONARY IF NOT EXISTS routewatch.routers_dictionary ON CLUSTER '{cluster}'
(domain String, identity String, name String, site String, role String)
PRIMARY KEY domain, identity
SOURCE(CLICKHOUSE(QUERY 'SELECT domain, identity, name, site, role FROM routewatch.router_identities'))
LAYOUT(COMPLEX_KEY_DIRECT())`,
      `CREATE OR REPLACE VIEW routewatch.adjacencies ON CLUSTER '{cluster}' AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.router AS router, s.neighbor AS neighbor,
    if(s.router_name != '', toString(s.router_name), r.name) AS router_name,
    if(s.neighbor_name != '', toString(s.neighbor_name), n.name) AS neighbor_name,
    r.site AS router_site, n.site AS neighbor_site,
    if(ia.interface_name != '', ia.interface_name, il.interface_name) AS interface_name,
    s.local_address AS local_address, s.neighbor_address AS neighbor_address, s.neighbor_snpa AS neighbor_snpa,
    s.circuit_id AS circuit_id, s.vlan AS vlan,
    s.state AS state, s.time AS since, s.prev_state AS prev_state, s.reason AS reason, s.detail AS detail,
    s.evidence AS evidence, s.confidence AS confidence, s.initial AS initial, s.hold_time AS hold_time, s.last_hello AS last_hello,
    toBool(e.expected_router != '') AS expected, s.tap AS tap, s.event_id AS event_id
FROM (SELECT * FROM routewatch.adjacencies_state FINAL) AS s
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = s.domain AND n.identity = s.neighbor
GLOBAL LEFT ANY JOIN (SELECT domain, address, interface_name FROM routewatch.interfaces FINAL WHERE NOT removed AND address != '') AS ia
    ON ia.domain = s.domain AND ia.address = s.local_address
GLOBAL LEFT ANY JOIN (SELECT f.domain AS domain, f.link AS link, f.interface_name AS interface_name, i.identity AS identity
    FROM routewatch.interfaces AS f FINAL INNER JOIN routewatch.router_identities AS i ON i.domain = f.domain AND i.inventory_name = f.router_name
    WHERE NOT f.removed AND f.link != '') AS il
    ON il.domain = s.domain AND il.link = s.link AND il.identity = s.router
GLOBAL LEFT ANY JOIN (SELECT domain, protocol, router AS expected_router, neighbor FROM routewatch.expected_neighbors FINAL WHERE NOT removed) AS e
    ON e.domain = s.domain AND e.protocol = s.protocol AND e.expected_router = s.router AND e.neighbor = s.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.adjacencies_at ON CLUSTER '{cluster}' AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.router AS router, s.neighbor AS neighbor,
    if(s.router_name != '', toString(s.router_name), r.name) AS router_name,
    if(s.neighbor_name != '', toString(s.neighbor_name), n.name) AS neighbor_name,
    r.site AS router_site, n.site AS neighbor_site,
    if(ia.interface_name != '', ia.interface_name, il.interface_name) AS interface_name,
    s.local_address AS local_address, s.neighbor_address AS neighbor_address, s.neighbor_snpa AS neighbor_snpa,
    s.circuit_id AS circuit_id, s.vlan AS vlan,
    s.state AS state, s.time AS since, s.prev_state AS prev_state, s.reason AS reason, s.detail AS detail,
    s.evidence AS evidence, s.confidence AS confidence, s.initial AS initial, s.hold_time AS hold_time, s.last_hello AS last_hello,
    toBool(e.expected_router != '') AS expected, s.tap AS tap, s.event_id AS event_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, router, neighbor, router_name, neighbor_name, local_address, neighbor_address, neighbor_snpa, circuit_id, vlan, prev_state, state, reason, detail, hold_time, last_hello, view_address, version FROM routewatch.adjacencies_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, router, neighbor, router_name, neighbor_name, local_address, neighbor_address, neighbor_snpa, circuit_id, vlan, prev_state, state, reason, detail, hold_time, last_hello, CAST(if(protocol = 'isis', neighbor_snpa, neighbor_address), 'LowCardinality(String)') AS view_address, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.adjacency_events WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, router, neighbor, link, level, view_address
) AS s
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = s.domain AND n.identity = s.neighbor
GLOBAL LEFT ANY JOIN (SELECT domain, address, interface_name FROM routewatch.interfaces FINAL WHERE NOT removed AND address != '') AS ia
    ON ia.domain = s.domain AND ia.address = s.local_address
GLOBAL LEFT ANY JOIN (SELECT f.domain AS domain, f.link AS link, f.interface_name AS interface_name, i.identity AS identity
    FROM routewatch.interfaces AS f FINAL INNER JOIN routewatch.router_identities AS i ON i.domain = f.domain AND i.inventory_name = f.router_name
    WHERE NOT f.removed AND f.link != '') AS il
    ON il.domain = s.domain AND il.link = s.link AND il.identity = s.router
GLOBAL LEFT ANY JOIN (SELECT domain, protocol, router AS expected_router, neighbor FROM routewatch.expected_neighbors FINAL WHERE NOT removed) AS e
    ON e.domain = s.domain AND e.protocol = s.protocol AND e.expected_router = s.router AND e.neighbor = s.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.sessions ON CLUSTER '{cluster}' AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.router AS router, s.peer AS peer,
    if(r.name != '', r.name, ri.name) AS router_name, if(p.name != '', p.name, pi.name) AS peer_name,
    s.router_as AS router_as, s.peer_as AS peer_as, s.router_id AS router_id, s.peer_id AS peer_id,
    s.state AS state, s.time AS since, s.prev_state AS prev_state, s.reason AS reason, s.code AS code, s.subcode AS subcode,
    s.shutdown_text AS shutdown_text, s.capability_source AS capability_source, s.capabilities AS capabilities,
    s.hold_time AS hold_time, s.coverage AS coverage, s.evidence AS evidence, s.confidence AS confidence, s.initial AS initial,
    s.tap AS tap, s.event_id AS event_id
FROM (SELECT * FROM routewatch.sessions_state FINAL) AS s
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS p ON p.domain = s.domain AND p.identity = s.peer
GLOBAL LEFT ANY JOIN routewatch.router_identities AS ri ON ri.domain = s.domain AND ri.identity = s.router_id
GLOBAL LEFT ANY JOIN routewatch.router_identities AS pi ON pi.domain = s.domain AND pi.identity = s.peer_id`,
      `CREATE OR REPLACE VIEW routewatch.sessions_at ON CLUSTER '{cluster}' AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.router AS router, s.peer AS peer,
    if(r.name != '', r.name, ri.name) AS router_name, if(p.name != '', p.name, pi.name) AS peer_name,
    s.router_as AS router_as, s.peer_as AS peer_as, s.router_id AS router_id, s.peer_id AS peer_id,
    s.state AS state, s.time AS since, s.prev_state AS prev_state, s.reason AS reason, s.code AS code, s.subcode AS subcode,
    s.shutdown_text AS shutdown_text, s.capability_source AS capability_source, s.capabilities AS capabilities,
    s.hold_time AS hold_time, s.coverage AS coverage, s.evidence AS evidence, s.confidence AS confidence, s.initial AS initial,
    s.tap AS tap, s.event_id AS event_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, router, peer, router_as, peer_as, router_id, peer_id, prev_state, state, reason, code, subcode, shutdown_text, capability_source, hold_time, coverage, capabilities, session_link, version FROM routewatch.sessions_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, router, peer, router_as, peer_as, router_id, peer_id, prev_state, state, reason, code, subcode, shutdown_text, capability_source, hold_time, coverage, capabilities, CAST(if(startsWith(router, 'fe80:'), link, ''), 'LowCardinality(String)') AS session_link, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.session_events WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, router, peer, session_link
) AS s
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS p ON p.domain = s.domain AND p.identity = s.peer
GLOBAL LEFT ANY JOIN routewatch.router_identities AS ri ON ri.domain = s.domain AND ri.identity = s.router_id
GLOBAL LEFT ANY JOIN routewatch.router_identities AS pi ON pi.domain = s.domain AND pi.identity = s.peer_id`,
      `CREATE OR REPLACE VIEW routewatch.rib ON CLUSTER '{cluster}' AS
SELECT
    p.sender AS sender, p.receiver AS receiver, p.afi_safi AS afi_safi,
    concat(if(p.afi_safi LIKE 'ipv4%', substring(toString(p.prefix_address), 8), toString(p.prefix_address)), '/', toString(p.prefix_length)) AS prefix,
    p.path_id AS path_id, a.origin AS origin, a.as_path AS as_path, a.as_path_text AS as_path_text, a.next_hop AS next_hop,
    a.med AS med, a.local_pref AS local_pref, a.communities AS communities, a.large_communities AS large_communities,
    a.ext_communities AS ext_communities, toBool(p.version < m.staled) AS stale, p.time AS since,
    p.prefix_address AS prefix_address, p.prefix_length AS prefix_length, p.origin_as AS origin_as, a.first_as AS first_as,
    a.originator_id AS originator_id, a.cluster_list AS cluster_list, a.aggregator AS aggregator, p.attributes AS attributes,
    p.domain AS domain, p.network_instance AS network_instance, p.link AS link, p.tap AS tap, p.event_id AS event_id
FROM (SELECT * FROM routewatch.rib_paths FINAL) AS p
GLOBAL LEFT ANY JOIN (
    SELECT
        domain, network_instance, if(startsWith(sender, 'fe80:'), link, '') AS session_link, sender, receiver, afi_safi,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'flush') AS flushed,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale') AS staled,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'sweep') AS last_sweep,
        arrayMax(arrayFilter(x -> x < last_sweep, arrayPushBack(groupArrayIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale'), toUInt256(0)))) AS swept
    FROM routewatch.rib_marks
    WHERE time <= ingest_time + INTERVAL 1 DAY
    GROUP BY domain, network_instance, session_link, sender, receiver, afi_safi
) AS m
    ON m.domain = p.domain AND m.network_instance = p.network_instance AND m.session_link = p.session_link
    AND m.sender = p.sender AND m.receiver = p.receiver AND m.afi_safi = p.afi_safi
GLOBAL LEFT ANY JOIN routewatch.path_attributes AS a ON a.attributes = p.attributes
WHERE p.attributes != 0 AND p.version >= m.flushed AND p.version >= m.swept`,
      `CREATE OR REPLACE VIEW routewatch.rib_at ON CLUSTER '{cluster}' AS
SELECT
    p.sender AS sender, p.receiver AS receiver, p.afi_safi AS afi_safi,
    concat(if(p.afi_safi LIKE 'ipv4%', substring(toString(p.prefix_address), 8), toString(p.prefix_address)), '/', toString(p.prefix_length)) AS prefix,
    p.path_id AS path_id, a.origin AS origin, a.as_path AS as_path, a.as_path_text AS as_path_text, a.next_hop AS next_hop,
    a.med AS med, a.local_pref AS local_pref, a.communities AS communities, a.large_communities AS large_communities,
    a.ext_communities AS ext_communities, toBool(p.version < m.staled) AS stale, p.time AS since,
    p.prefix_address AS prefix_address, p.prefix_length AS prefix_length, p.origin_as AS origin_as, a.first_as AS first_as,
    a.originator_id AS originator_id, a.cluster_list AS cluster_list, a.aggregator AS aggregator, p.attributes AS attributes,
    p.domain AS domain, p.network_instance AS network_instance, p.link AS link, p.tap AS tap, p.event_id AS event_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, sender, receiver, afi_safi, prefix_address, prefix_length, path_id, change_class, attributes, prev_attributes, origin_as, session_link, version FROM routewatch.rib_paths FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, sender, receiver, afi_safi, prefix_address, prefix_length, path_id, change_class, attributes, prev_attributes, origin_as, CAST(if(startsWith(sender, 'fe80:'), link, ''), 'LowCardinality(String)') AS session_link, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.route_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY afi_safi, prefix_address, prefix_length, path_id, sender, receiver, domain, network_instance, session_link
) AS p
GLOBAL LEFT ANY JOIN (
    SELECT
        domain, network_instance, if(startsWith(sender, 'fe80:'), link, '') AS session_link, sender, receiver, afi_safi,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'flush') AS flushed,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale') AS staled,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'sweep') AS last_sweep,
        arrayMax(arrayFilter(x -> x < last_sweep, arrayPushBack(groupArrayIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale'), toUInt256(0)))) AS swept
    FROM routewatch.rib_marks
    WHERE time <= ingest_time + INTERVAL 1 DAY AND time <= {at:DateTime64(9, 'UTC')}
    GROUP BY domain, network_instance, session_link, sender, receiver, afi_safi
) AS m
    ON m.domain = p.domain AND m.network_instance = p.network_instance AND m.session_link = p.session_link
    AND m.sender = p.sender AND m.receiver = p.receiver AND m.afi_safi = p.afi_safi
GLOBAL LEFT ANY JOIN routewatch.path_attributes AS a ON a.attributes = p.attributes
WHERE p.attributes != 0 AND p.version >= m.flushed AND p.version >= m.swept`,
      `CREATE OR REPLACE VIEW routewatch.neighbor_counts_now ON CLUSTER '{cluster}' AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.router AS router, if(s.router_name != '', toString(s.router_name), r.name) AS router_name, r.site AS router_site,
    s.adjacencies AS adjacencies, s.neighbors AS neighbors, s.full AS full, s.two_way AS two_way, s.coverage AS coverage,
    if(e.router = '', NULL, e.expected) AS expected, s.time AS time, s.event_id AS event_id
FROM (SELECT * FROM routewatch.neighbor_counts_state FINAL) AS s
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
GLOBAL LEFT ANY JOIN routewatch.expected_counts AS e ON e.domain = s.domain AND e.protocol = s.protocol AND e.router = s.router AND e.link = s.link`,
      `CREATE OR REPLACE VIEW routewatch.neighbor_counts_at ON CLUSTER '{cluster}' AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.link AS link, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.router AS router, if(s.router_name != '', toString(s.router_name), r.name) AS router_name, r.site AS router_site,
    s.adjacencies AS adjacencies, s.neighbors AS neighbors, s.full AS full, s.two_way AS two_way, s.coverage AS coverage,
    if(e.router = '', NULL, e.expected) AS expected, s.time AS time, s.event_id AS event_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, router, router_name, level, area, adjacencies, neighbors, full, two_way, coverage, version FROM routewatch.neighbor_counts_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, router, router_name, level, area, adjacencies, neighbors, full, two_way, coverage, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.neighbor_counts WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, router, link, level, area
) AS s
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.router
GLOBAL LEFT ANY JOIN routewatch.expected_counts AS e ON e.domain = s.domain AND e.protocol = s.protocol AND e.router = s.router AND e.link = s.link`,
      `CREATE OR REPLACE VIEW routewatch.adj_rib_in_pre ON CLUSTER '{cluster}' AS
SELECT receiver AS router, sender AS peer, * FROM routewatch.rib`,
      `CREATE OR REPLACE VIEW routewatch.adj_rib_out_post ON CLUSTER '{cluster}' AS
SELECT sender AS router, receiver AS peer, * FROM routewatch.rib`,
      `CREATE OR REPLACE VIEW routewatch.lsdb ON CLUSTER '{cluster}' AS
SELECT
    s.domain AS domain, s.network_instance AS network_instance, s.protocol AS protocol, s.level AS level, s.area AS area,
    s.lsa_type AS lsa_type, s.lsa_id AS lsa_id, s.advertising_router AS advertising_router, r.name AS advertising_router_name,
    s.sequence AS sequence, s.checksum AS checksum, s.lifetime AS lifetime, s.change AS change, s.time AS since,
    if(s.pdu != '', s.pdu, c.pdu) AS pdu, s.link AS link, s.tap AS tap, s.event_id AS event_id
FROM (SELECT * FROM routewatch.lsdb_state FINAL) AS s
GLOBAL LEFT ANY JOIN (SELECT * FROM routewatch.lsdb_contents FINAL) AS c ON c.domain = s.domain AND c.network_instance = s.network_instance AND c.protocol = s.protocol AND c.level = s.level AND c.area = s.area AND c.lsa_type = s.lsa_type AND c.lsa_id = s.lsa_id AND c.advertising_router = s.advertising_router AND c.scope_link = s.scope_link
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = s.domain AND r.identity = s.advertising_router
WHERE s.change NOT IN ('purged', 'expired')`,
      `CREATE OR REPLACE VIEW routewatch.nodes ON CLUSTER '{cluster}' AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key`,
      `CREATE OR REPLACE VIEW routewatch.nodes_at ON CLUSTER '{cluster}' AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key`,
      `CREATE OR REPLACE VIEW routewatch.links ON CLUSTER '{cluster}' AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.links_at ON CLUSTER '{cluster}' AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.prefixes ON CLUSTER '{cluster}' AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.router AS router, if(o.router_name != '', toString(o.router_name), r.name) AS router_name, o.prefix AS prefix,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'prefix'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router`,
      `CREATE OR REPLACE VIEW routewatch.prefixes_at ON CLUSTER '{cluster}' AS
SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.router AS router, if(o.router_name != '', toString(o.router_name), r.name) AS router_name, o.prefix AS prefix,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'prefix'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router`,
      `CREATE OR REPLACE VIEW routewatch.timeline ON CLUSTER '{cluster}' AS
SELECT
    t.time AS time, t.domain AS domain, t.router AS router, if(t.wire_name != '', t.wire_name, r.name) AS router_name, t.kind AS kind,
    t.subject AS subject, t.prev AS prev, t.new AS new, t.reason AS reason, t.event_id AS event_id,
    t.decided_time AS decided_time, t.initial AS initial, t.tap AS tap,
    t.frame_offset AS frame_offset, t.frame_index AS frame_index, t.ordinal AS ordinal
FROM
(
    SELECT time, decided_time, toString(domain) AS domain, toString(router) AS router, toString(router_name) AS wire_name, 'adjacency' AS kind,
        concat(protocol, if(level = 0, '', concat(' L', toString(level))), ' neighbor ', if(neighbor_name != '', concat(neighbor_name, ' (', neighbor, ')'), neighbor), ' on ', link) AS subject, toString(prev_state) AS prev, toString(state) AS new, toString(if(detail = '', toString(reason), concat(reason, ': ', detail))) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.adjacency_events
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString(router) AS router, toString('') AS wire_name, 'session' AS kind,
        concat('bgp peer ', peer) AS subject, toString(prev_state) AS prev, toString(state) AS new, toString(concat(reason, if(code = 0, '', concat(' ', toString(code), '/', toString(subcode))), if(shutdown_text = '', '', concat(': ', shutdown_text)))) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.session_events
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString(router) AS router, toString(router_name) AS wire_name, 'topology' AS kind,
        concat(protocol, ' ', object_type, ' ', object_key, ' ', field) AS subject, toString(ifNull(toString(old_number), old_text)) AS prev, toString(ifNull(toString(new_number), new_text)) AS new, toString(change) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.topology_changes
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString(receiver) AS router, toString('') AS wire_name, 'rib' AS kind,
        concat(toString(routes), ' ', afi_safi, ' routes from ', sender) AS subject, toString('') AS prev, toString(mark) AS new, toString(reason) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.rib_marks
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString(sender) AS router, toString('') AS wire_name, 'route' AS kind,
        concat(prefix, ' to ', receiver) AS subject, toString(if(prev_attributes = 0, 'absent', 'present')) AS prev, toString(if(attributes = 0, 'absent', 'present')) AS new, toString(change_class) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.route_changes
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString(sender) AS router, toString('') AS wire_name, 'error' AS kind,
        concat(protocol, ' ', if(receiver = '', 'to all', concat('to ', receiver)), ' on ', link) AS subject, toString('') AS prev, toString(error) AS new, toString(detail) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.protocol_errors
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString('') AS router, toString('') AS wire_name, 'coverage' AS kind,
        concat(tap, if(subject = '' OR subject = tap, '', concat(' ', subject))) AS subject, toString('') AS prev, toString(what) AS new, toString(detail) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.coverage_events
    UNION ALL
    SELECT time, decided_time, toString(domain) AS domain, toString('') AS router, toString('') AS wire_name, 'quarantine' AS kind,
        concat(protocol, ' frame at ', tap) AS subject, toString('') AS prev, toString(error) AS new, toString(source_line) AS reason,
        toString(tap) AS tap, initial, event_id, frame_offset, frame_index, ordinal
    FROM routewatch.quarantine
) AS t
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = t.domain AND r.identity = t.router`,
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_nodes ON CLUSTER '{cluster}' AS
SELECT
    concat(protocol, '/', toString(level), '/', area, '/', node) AS id, if(name = '', node, name) AS title, node AS subtitle,
    protocol AS mainstat, site AS secondarystat, if(overload, 1, 0) AS arc__overload, if(overload, 0, 1) AS arc__forwarding, domain AS detail__domain
FROM routewatch.nodes`,
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_edges ON CLUSTER '{cluster}' AS
SELECT
    concat(protocol, '/', toString(level), '/', area, '/', link_key) AS id, concat(protocol, '/', toString(level), '/', area, '/', router) AS source,
    concat(protocol, '/', toString(level), '/', area, '/', neighbor) AS target, toString(metric) AS mainstat, domain AS detail__domain
FROM routewatch.links`,
      `CREATE OR REPLACE VIEW routewatch.grafana_adjacency_states ON CLUSTER '{cluster}' AS
SELECT
    time, concat(if(router_name = '', router, router_name), ' -> ', if(neighbor_name = '', neighbor, neighbor_name), ' ', link, if(level = 0, '', concat(' L', toString(level)))) AS series,
    state, domain, protocol, router, neighbor, link
FROM routewatch.adjacency_events`,
      `CREATE OR REPLACE VIEW routewatch.grafana_session_states ON CLUSTER '{cluster}' AS
SELECT time, concat(router, ' -> ', peer) AS series, state, domain, router, peer FROM routewatch.session_events`,
      `CREATE OR REPLACE VIEW routewatch.grafana_annotations ON CLUSTER '{cluster}' AS
SELECT
    time, concat(if(router_name = '', router, router_name), ' ', subject, ': ', prev, ' -> ', new) AS title, reason AS text, [kind, domain] AS tags, event_id
FROM routewatch.timeline
WHERE kind IN ('adjacency', 'session', 'coverage', 'rib') AND NOT initial`,
      `CREATE OR REPLACE VIEW routewatch.missing_neighbors ON CLUSTER '{cluster}' AS
SELECT
    e.domain AS domain, e.protocol AS protocol, e.router AS router, r.name AS router_name, e.neighbor AS neighbor, n.name AS neighbor_name, e.link AS link,
    s.state AS state, s.reason AS reason, if(s.state = '', NULL, s.since) AS since
FROM (SELECT * FROM routewatch.expected_neighbors FINAL WHERE NOT removed) AS e
GLOBAL LEFT ANY JOIN (
    SELECT domain, protocol, router, neighbor, link, argMax(view_state, rank) AS state, argMax(view_reason, rank) AS reason, argMax(view_since, rank) AS since
    FROM (
        SELECT domain, toString(protocol) AS protocol, toString(router) AS router, toString(neighbor) AS neighbor, arrayJoin(['', toString(link)]) AS link,
            toString(state) AS view_state, toString(reason) AS view_reason, time AS view_since, (view_state IN ('up', 'full', '2-way'), time) AS rank
        FROM routewatch.adjacencies_state FINAL
        UNION ALL
        SELECT domain, 'bgp' AS protocol, toString(router) AS router, toString(peer) AS neighbor, arrayJoin(['', toString(link)]) AS link,
            toString(state) AS view_state, toString(reason) AS view_reason, time AS view_since, (view_state = 'established', time) AS rank
        FROM routewatch.sessions_state FINAL
    )
    GROUP BY domain, protocol, router, neighbor, link
) AS s ON s.domain = e.domain AND s.protocol = e.protocol AND s.router = e.router AND s.neighbor = e.neighbor AND s.link = e.link
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = e.domain AND n.identity = e.neighbor
WHERE s.state NOT IN ('up', 'full', '2-way', 'established')`,
    ],
  },
  {
    number: 7,
    name: 'reasons of topology changes and names',
    statements: [
      `ALTER TABLE routewatch.topology_changes_local ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.topology_changes ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.topology_state_local ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.topology_state ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.topology_state_view ON CLUSTER '{cluster}' MODIFY QUERY
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`level\`,
    \`area\`,
    \`object_type\`,
    \`object_key\`,
    \`router\`,
    \`router_name\`,
    \`neighbor\`,
    \`prefix\`,
    \`change\`,
    \`field\`,
    \`old_number\`,
    \`new_number\`,
    \`old_text\`,
    \`new_text\`,
    \`reason\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.topology_changes_local
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `ALTER TABLE routewatch.router_names_local ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.router_names ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.router_names_state_local ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.router_names_state ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same packets otherwise; else empty.'`,
      `ALTER TABLE routewatch.router_names_state_view ON CLUSTER '{cluster}' MODIFY QUERY
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`protocol\`,
    \`router\`,
    \`attribute\`,
    \`value\`,
    \`reason\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.router_names_local
WHERE time <= ingest_time + INTERVAL 1 DAY`,
    ],
  },
  {
    number: 8,
    name: 'reasons of attribute sets',
    statements: [
      `ALTER TABLE routewatch.path_attributes_local ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same attributes otherwise; else empty.'`,
      `ALTER TABLE routewatch.path_attributes ON CLUSTER '{cluster}' ADD COLUMN IF NOT EXISTS \`reason\` LowCardinality(String) COMMENT '\`decoder-upgrade\`: another decoder read the same attributes otherwise; else empty.'`,
      `CREATE OR REPLACE VIEW routewatch.rib ON CLUSTER '{cluster}' AS
SELECT
    p.sender AS sender, p.receiver AS receiver, p.afi_safi AS afi_safi,
    concat(if(p.afi_safi LIKE 'ipv4%', substring(toString(p.prefix_address), 8), toString(p.prefix_address)), '/', toString(p.prefix_length)) AS prefix,
    p.path_id AS path_id, a.origin AS origin, a.as_path AS as_path, a.as_path_text AS as_path_text, a.next_hop AS next_hop,
    a.med AS med, a.local_pref AS local_pref, a.communities AS communities, a.large_communities AS large_communities,
    a.ext_communities AS ext_communities, toBool(p.version < m.staled) AS stale, p.time AS since,
    p.prefix_address AS prefix_address, p.prefix_length AS prefix_length, p.origin_as AS origin_as, a.first_as AS first_as,
    a.originator_id AS originator_id, a.cluster_list AS cluster_list, a.aggregator AS aggregator, p.attributes AS attributes,
    p.domain AS domain, p.network_instance AS network_instance, p.link AS link, p.tap AS tap, p.event_id AS event_id
FROM (SELECT * FROM routewatch.rib_paths FINAL) AS p
GLOBAL LEFT ANY JOIN (
    SELECT
        domain, network_instance, if(startsWith(sender, 'fe80:'), link, '') AS session_link, sender, receiver, afi_safi,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'flush') AS flushed,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale') AS staled,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'sweep') AS last_sweep,
        arrayMax(arrayFilter(x -> x < last_sweep, arrayPushBack(groupArrayIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale'), toUInt256(0)))) AS swept
    FROM routewatch.rib_marks
    WHERE time <= ingest_time + INTERVAL 1 DAY
    GROUP BY domain, network_instance, session_link, sender, receiver, afi_safi
) AS m
    ON m.domain = p.domain AND m.network_instance = p.network_instance AND m.session_link = p.session_link
    AND m.sender = p.sender AND m.receiver = p.receiver AND m.afi_safi = p.afi_safi
GLOBAL LEFT ANY JOIN (SELECT * FROM routewatch.path_attributes ORDER BY attributes, row_order(decided_time, frame_offset, frame_index, ordinal) DESC LIMIT 1 BY attributes) AS a ON a.attributes = p.attributes
WHERE p.attributes != 0 AND p.version >= m.flushed AND p.version >= m.swept`,
      `CREATE OR REPLACE VIEW routewatch.rib_at ON CLUSTER '{cluster}' AS
SELECT
    p.sender AS sender, p.receiver AS receiver, p.afi_safi AS afi_safi,
    concat(if(p.afi_safi LIKE 'ipv4%', substring(toString(p.prefix_address), 8), toString(p.prefix_address)), '/', toString(p.prefix_length)) AS prefix,
    p.path_id AS path_id, a.origin AS origin, a.as_path AS as_path, a.as_path_text AS as_path_text, a.next_hop AS next_hop,
    a.med AS med, a.local_pref AS local_pref, a.communities AS communities, a.large_communities AS large_communities,
    a.ext_communities AS ext_communities, toBool(p.version < m.staled) AS stale, p.time AS since,
    p.prefix_address AS prefix_address, p.prefix_length AS prefix_length, p.origin_as AS origin_as, a.first_as AS first_as,
    a.originator_id AS originator_id, a.cluster_list AS cluster_list, a.aggregator AS aggregator, p.attributes AS attributes,
    p.domain AS domain, p.network_instance AS network_instance, p.link AS link, p.tap AS tap, p.event_id AS event_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, sender, receiver, afi_safi, prefix_address, prefix_length, path_id, change_class, attributes, prev_attributes, origin_as, session_link, version FROM routewatch.rib_paths FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, sender, receiver, afi_safi, prefix_address, prefix_length, path_id, change_class, attributes, prev_attributes, origin_as, CAST(if(startsWith(sender, 'fe80:'), link, ''), 'LowCardinality(String)') AS session_link, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.route_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY afi_safi, prefix_address, prefix_length, path_id, sender, receiver, domain, network_instance, session_link
) AS p
GLOBAL LEFT ANY JOIN (
    SELECT
        domain, network_instance, if(startsWith(sender, 'fe80:'), link, '') AS session_link, sender, receiver, afi_safi,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'flush') AS flushed,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale') AS staled,
        maxIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'sweep') AS last_sweep,
        arrayMax(arrayFilter(x -> x < last_sweep, arrayPushBack(groupArrayIf(row_order(decided_time, frame_offset, frame_index, ordinal), mark = 'stale'), toUInt256(0)))) AS swept
    FROM routewatch.rib_marks
    WHERE time <= ingest_time + INTERVAL 1 DAY AND time <= {at:DateTime64(9, 'UTC')}
    GROUP BY domain, network_instance, session_link, sender, receiver, afi_safi
) AS m
    ON m.domain = p.domain AND m.network_instance = p.network_instance AND m.session_link = p.session_link
    AND m.sender = p.sender AND m.receiver = p.receiver AND m.afi_safi = p.afi_safi
GLOBAL LEFT ANY JOIN (SELECT * FROM routewatch.path_attributes ORDER BY attributes, row_order(decided_time, frame_offset, frame_index, ordinal) DESC LIMIT 1 BY attributes) AS a ON a.attributes = p.attributes
WHERE p.attributes != 0 AND p.version >= m.flushed AND p.version >= m.swept`,
    ],
  },
  {
    number: 9,
    name: 'Grafana: graphs apart by domain, what was at a time',
    statements: [
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_nodes ON CLUSTER '{cluster}' AS
SELECT
    concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', node) AS id, if(name = '', toString(node), toString(name)) AS title, toString(node) AS subtitle,
    if(level != 0, concat(protocol, ' L', toString(level)), if(area != '', concat(protocol, ' area ', area), toString(protocol))) AS mainstat, toString(site) AS secondarystat,
    if(overload, 1., 0.) AS arc__overload, if(overload, 0., 1.) AS arc__forwarding,
    toString(domain) AS detail__domain, toString(site) AS detail__site, toString(role) AS detail__role, toString(since) AS detail__since,
    domain, protocol, level, area, node
FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS shown`,
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_nodes_at ON CLUSTER '{cluster}' AS
SELECT
    concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', node) AS id, if(name = '', toString(node), toString(name)) AS title, toString(node) AS subtitle,
    if(level != 0, concat(protocol, ' L', toString(level)), if(area != '', concat(protocol, ' area ', area), toString(protocol))) AS mainstat, toString(site) AS secondarystat,
    if(overload, 1., 0.) AS arc__overload, if(overload, 0., 1.) AS arc__forwarding,
    toString(domain) AS detail__domain, toString(site) AS detail__site, toString(role) AS detail__role, toString(since) AS detail__since,
    domain, protocol, level, area, node
FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS shown`,
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_edges ON CLUSTER '{cluster}' AS
SELECT
    concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', link_key) AS id, concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', router) AS source, concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', neighbor) AS target,
    ifNull(toString(metric), '') AS mainstat, if(two_way, '', 'one way') AS secondarystat, if(two_way, '', '6 4') AS strokeDasharray,
    toString(domain) AS detail__domain, toString(router_name) AS detail__from, toString(neighbor_name) AS detail__to, toString(since) AS detail__since,
    domain, protocol, level, area, router, neighbor, metric
FROM (
    SELECT *, (domain, network_instance, protocol, level, area, neighbor, router) GLOBAL IN (SELECT domain, network_instance, protocol, level, area, router, neighbor FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor) AS back) AS two_way
    FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor) AS shown
    WHERE (domain, network_instance, protocol, level, area, router) GLOBAL IN (SELECT domain, network_instance, protocol, level, area, node FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS known) AND (domain, network_instance, protocol, level, area, neighbor) GLOBAL IN (SELECT domain, network_instance, protocol, level, area, node FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (SELECT * FROM routewatch.topology_state FINAL)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS known)
) AS drawn`,
      `CREATE OR REPLACE VIEW routewatch.grafana_node_graph_edges_at ON CLUSTER '{cluster}' AS
SELECT
    concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', link_key) AS id, concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', router) AS source, concat(domain, '/', network_instance, '/', protocol, '/', toString(level), '/', area, '/', neighbor) AS target,
    ifNull(toString(metric), '') AS mainstat, if(two_way, '', 'one way') AS secondarystat, if(two_way, '', '6 4') AS strokeDasharray,
    toString(domain) AS detail__domain, toString(router_name) AS detail__from, toString(neighbor_name) AS detail__to, toString(since) AS detail__since,
    domain, protocol, level, area, router, neighbor, metric
FROM (
    SELECT *, (domain, network_instance, protocol, level, area, neighbor, router) GLOBAL IN (SELECT domain, network_instance, protocol, level, area, router, neighbor FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor) AS back) AS two_way
    FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS link_key, o.router AS router, o.neighbor AS neighbor,
    if(o.router_name != '', toString(o.router_name), r.name) AS router_name, n.name AS neighbor_name,
    o.metric AS metric, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'link'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = o.domain AND n.identity = o.neighbor) AS shown
    WHERE (domain, network_instance, protocol, level, area, router) GLOBAL IN (SELECT domain, network_instance, protocol, level, area, node FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS known) AND (domain, network_instance, protocol, level, area, neighbor) GLOBAL IN (SELECT domain, network_instance, protocol, level, area, node FROM (SELECT
    o.domain AS domain, o.network_instance AS network_instance, o.protocol AS protocol, o.level AS level, o.area AS area, o.object_key AS node,
    if(o.fields['hostname'] != '', o.fields['hostname'], if(o.router_name != '', toString(o.router_name), r.name)) AS name,
    r.site AS site, r.role AS role, toBool(o.fields['overload'] IN ('1', 'true')) AS overload, o.fields AS fields, o.since AS since, o.changed AS changed, o.event_id AS event_id
FROM (
    SELECT
        domain, network_instance, protocol, level, area, object_key,
        argMax(router, version) AS router,
        argMaxIf(router_name, version, router_name != '') AS router_name,
        argMax(neighbor, version) AS neighbor,
        argMax(prefix, version) AS prefix,
        maxIf(version, field = 'exists' AND change = 'removed') AS removed,
        maxIf(version, field = 'exists' AND change != 'removed') AS appeared,
        arraySort(arrayFilter(x -> bitShiftRight(x.2, 32) >= bitShiftRight(appeared, 32), groupArrayIf((toString(field), version, ifNull(toString(new_number), new_text)), change != 'removed' AND field NOT IN ('exists', 'metric')))) AS set,
        mapFromArrays(set.1, set.3) AS fields,
        arrayFilter(x -> bitShiftRight(x.1, 32) >= bitShiftRight(appeared, 32), groupArrayIf((version, new_number), change != 'removed' AND field IN ('exists', 'metric') AND new_number IS NOT NULL)) AS metrics,
        if(empty(metrics), NULL, arrayReverseSort(x -> x.1, metrics)[1].2) AS metric,
        if(removed = 0 AND appeared = 0, countIf(change != 'removed') > 0, appeared > removed) AS exists,
        if(countIf(field = 'exists' AND change != 'removed') > 0, maxIf(time, field = 'exists' AND change != 'removed'), min(time)) AS since,
        max(time) AS changed,
        argMax(event_id, version) AS event_id
    FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, version FROM routewatch.topology_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, object_type, object_key, router, router_name, neighbor, prefix, change, field, old_number, new_number, old_text, new_text, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.topology_changes WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, level, area, object_type, object_key, field
)
    WHERE object_type = 'node'
    GROUP BY domain, network_instance, protocol, level, area, object_key
    HAVING exists
) AS o
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = o.domain AND r.identity = o.object_key) AS known)
) AS drawn`,
      `CREATE OR REPLACE VIEW routewatch.grafana_adjacency_states ON CLUSTER '{cluster}' AS
SELECT
    e.time AS time, concat(if(r.name != '', r.name, toString(e.router)), ' -> ', if(n.name != '', n.name, toString(e.neighbor)), ' on ', e.link, if(e.level = 0, '', concat(' L', toString(e.level)))) AS series,
    toString(e.state) AS state, toString(e.reason) AS reason, e.domain AS domain, e.protocol AS protocol, e.level AS level, e.router AS router, e.neighbor AS neighbor, e.link AS link
FROM routewatch.adjacency_events AS e
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = e.domain AND n.identity = e.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.grafana_adjacency_states_at ON CLUSTER '{cluster}' AS
SELECT
    e.time AS time, concat(if(r.name != '', r.name, toString(e.router)), ' -> ', if(n.name != '', n.name, toString(e.neighbor)), ' on ', e.link, if(e.level = 0, '', concat(' L', toString(e.level)))) AS series,
    toString(e.state) AS state, toString(e.reason) AS reason, e.domain AS domain, e.protocol AS protocol, e.level AS level, e.router AS router, e.neighbor AS neighbor, e.link AS link
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, router, neighbor, router_name, neighbor_name, local_address, neighbor_address, neighbor_snpa, circuit_id, vlan, prev_state, state, reason, detail, hold_time, last_hello, view_address, version FROM routewatch.adjacencies_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, protocol, level, area, router, neighbor, router_name, neighbor_name, local_address, neighbor_address, neighbor_snpa, circuit_id, vlan, prev_state, state, reason, detail, hold_time, last_hello, CAST(if(protocol = 'isis', neighbor_snpa, neighbor_address), 'LowCardinality(String)') AS view_address, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.adjacency_events WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, protocol, router, neighbor, link, level, view_address
) AS e
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS n ON n.domain = e.domain AND n.identity = e.neighbor`,
      `CREATE OR REPLACE VIEW routewatch.grafana_session_states ON CLUSTER '{cluster}' AS
SELECT
    e.time AS time, concat(if(r.name != '', concat(r.name, ' (', e.router, ')'), toString(e.router)), ' -> ', if(p.name != '', concat(p.name, ' (', e.peer, ')'), toString(e.peer)), if(e.network_instance = 'default', '', concat(' in ', e.network_instance))) AS series,
    toString(e.state) AS state, toString(e.reason) AS reason, e.domain AS domain, e.router AS router, e.peer AS peer
FROM routewatch.session_events AS e
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS p ON p.domain = e.domain AND p.identity = e.peer`,
      `CREATE OR REPLACE VIEW routewatch.grafana_session_states_at ON CLUSTER '{cluster}' AS
SELECT
    e.time AS time, concat(if(r.name != '', concat(r.name, ' (', e.router, ')'), toString(e.router)), ' -> ', if(p.name != '', concat(p.name, ' (', e.peer, ')'), toString(e.peer)), if(e.network_instance = 'default', '', concat(' in ', e.network_instance))) AS series,
    toString(e.state) AS state, toString(e.reason) AS reason, e.domain AS domain, e.router AS router, e.peer AS peer
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, router, peer, router_as, peer_as, router_id, peer_id, prev_state, state, reason, code, subcode, shutdown_text, capability_source, hold_time, coverage, capabilities, session_link, version FROM routewatch.sessions_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, router, peer, router_as, peer_as, router_id, peer_id, prev_state, state, reason, code, subcode, shutdown_text, capability_source, hold_time, coverage, capabilities, CAST(if(startsWith(router, 'fe80:'), link, ''), 'LowCardinality(String)') AS session_link, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.session_events WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY domain, network_instance, router, peer, session_link
) AS e
GLOBAL LEFT ANY JOIN routewatch.router_identities AS r ON r.domain = e.domain AND r.identity = e.router
GLOBAL LEFT ANY JOIN routewatch.router_identities AS p ON p.domain = e.domain AND p.identity = e.peer`,
      `CREATE OR REPLACE VIEW routewatch.grafana_annotations ON CLUSTER '{cluster}' AS
SELECT
    time, concat(if(router_name = '', '', concat(router_name, ' ')), subject, ': ', if(prev = '', '', concat(prev, ' -> ')), new) AS title, reason AS text,
    concat(kind, ',', domain) AS tags, event_id, kind, domain, router
FROM routewatch.timeline
WHERE kind IN ('adjacency', 'session', 'coverage', 'rib') AND NOT initial`,
    ],
  },
  {
    number: 10,
    name: 'alerts',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.alerts_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`alert_id\` UUID COMMENT 'The alert, from firing to resolved: hash of rule, subject key and the event that decided it.',
    \`rule\` LowCardinality(String) COMMENT 'Name of the rule, and of its runbook.',
    \`severity\` LowCardinality(String) COMMENT 'The one scale.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`since\` DateTime64(9, 'UTC') COMMENT 'Effective time of the fault; \`time\` is that of the transition.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\`, \`ospfv3\`, \`bgp\`; empty: not of a protocol.',
    \`router\` LowCardinality(String) COMMENT 'System id, router id or address; empty: none.',
    \`router_name\` LowCardinality(String) COMMENT 'Its name where one was known.',
    \`neighbor\` LowCardinality(String) COMMENT 'The other end; empty: none.',
    \`neighbor_name\` LowCardinality(String) COMMENT 'Its name where one was known.',
    \`subject\` String COMMENT 'What and where, one line.',
    \`summary\` String COMMENT 'One sentence.',
    \`reason\` LowCardinality(String) COMMENT 'Reason words of the row that decided it; of a resolved alert why it ended, where that was no recovery.',
    \`told\` Bool COMMENT 'Whether it went to the channels.',
    \`untold\` LowCardinality(String) COMMENT 'Why not: \`incident\`, \`maintenance\`, \`old\`; empty: told.',
    \`incident\` String COMMENT 'Alert id of the incident that it is a part of; empty: none.',
    \`labels\` String COMMENT 'All labels as a JSON object of strings.',
    \`related\` String COMMENT 'What else happened around it, one line each.',
    \`events\` String COMMENT 'Event ids of the rows that it rests on, separated by spaces.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/alerts', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (domain, rule, alert_id, time, event_id)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'One transition of one alert: it fires or it is resolved. What nobody was told (silenced, part of an incident, old) stands here too.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.alerts ON CLUSTER '{cluster}' AS routewatch.alerts_local
ENGINE = Distributed('{cluster}', 'routewatch', 'alerts_local', rand())`,
      `CREATE TABLE IF NOT EXISTS routewatch.alerts_state_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`alert_id\` UUID COMMENT 'The alert, from firing to resolved: hash of rule, subject key and the event that decided it.',
    \`rule\` LowCardinality(String) COMMENT 'Name of the rule, and of its runbook.',
    \`severity\` LowCardinality(String) COMMENT 'The one scale.',
    \`state\` LowCardinality(String) COMMENT 'State after.',
    \`since\` DateTime64(9, 'UTC') COMMENT 'Effective time of the fault; \`time\` is that of the transition.',
    \`protocol\` LowCardinality(String) COMMENT '\`isis\`, \`ospfv2\`, \`ospfv3\`, \`bgp\`; empty: not of a protocol.',
    \`router\` LowCardinality(String) COMMENT 'System id, router id or address; empty: none.',
    \`router_name\` LowCardinality(String) COMMENT 'Its name where one was known.',
    \`neighbor\` LowCardinality(String) COMMENT 'The other end; empty: none.',
    \`neighbor_name\` LowCardinality(String) COMMENT 'Its name where one was known.',
    \`subject\` String COMMENT 'What and where, one line.',
    \`summary\` String COMMENT 'One sentence.',
    \`reason\` LowCardinality(String) COMMENT 'Reason words of the row that decided it; of a resolved alert why it ended, where that was no recovery.',
    \`told\` Bool COMMENT 'Whether it went to the channels.',
    \`untold\` LowCardinality(String) COMMENT 'Why not: \`incident\`, \`maintenance\`, \`old\`; empty: told.',
    \`incident\` String COMMENT 'Alert id of the incident that it is a part of; empty: none.',
    \`labels\` String COMMENT 'All labels as a JSON object of strings.',
    \`related\` String COMMENT 'What else happened around it, one line each.',
    \`events\` String COMMENT 'Event ids of the rows that it rests on, separated by spaces.',
    \`version\` UInt256 COMMENT 'Order of rows: decided_time, frame_offset, frame_index, ordinal.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/routewatch/alerts_state', '{replica}', version)
ORDER BY (alert_id)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'The newest row of alerts for each (alert_id); never expires.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.alerts_state ON CLUSTER '{cluster}' AS routewatch.alerts_state_local
ENGINE = Distributed('{cluster}', 'routewatch', 'alerts_state_local', rand())`,
      `CREATE MATERIALIZED VIEW IF NOT EXISTS routewatch.alerts_state_view ON CLUSTER '{cluster}'
TO routewatch.alerts_state_local AS
SELECT
    \`event_id\`,
    \`event_type\`,
    \`time\`,
    \`decided_time\`,
    \`ingest_time\`,
    \`domain\`,
    \`network_instance\`,
    \`link\`,
    \`tap\`,
    \`collector\`,
    \`evidence\`,
    \`confidence\`,
    \`initial\`,
    \`late\`,
    \`decoder_version\`,
    \`schema_version\`,
    \`frame_partition\`,
    \`frame_offset\`,
    \`frame_index\`,
    \`ordinal\`,
    \`alert_id\`,
    \`rule\`,
    \`severity\`,
    \`state\`,
    \`since\`,
    \`protocol\`,
    \`router\`,
    \`router_name\`,
    \`neighbor\`,
    \`neighbor_name\`,
    \`subject\`,
    \`summary\`,
    \`reason\`,
    \`told\`,
    \`untold\`,
    \`incident\`,
    \`labels\`,
    \`related\`,
    \`events\`,
    row_order(decided_time, frame_offset, frame_index, ordinal) AS version
FROM routewatch.alerts_local
WHERE time <= ingest_time + INTERVAL 1 DAY`,
      `CREATE OR REPLACE VIEW routewatch.open_alerts ON CLUSTER '{cluster}' AS
SELECT domain, rule, severity, since, time AS changed, subject, summary, reason, protocol, router, router_name, neighbor, neighbor_name, link, tap, told, untold, incident, labels, related, events, alert_id
FROM (SELECT * FROM routewatch.alerts_state FINAL) AS a
WHERE state = 'firing'`,
      `CREATE OR REPLACE VIEW routewatch.open_alerts_at ON CLUSTER '{cluster}' AS
SELECT domain, rule, severity, since, time AS changed, subject, summary, reason, protocol, router, router_name, neighbor, neighbor_name, link, tap, told, untold, incident, labels, related, events, alert_id
FROM (
    SELECT * FROM
    (
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, alert_id, rule, severity, state, since, protocol, router, router_name, neighbor, neighbor_name, subject, summary, reason, told, untold, incident, labels, related, events, version FROM routewatch.alerts_state FINAL WHERE time <= {at:DateTime64(9, 'UTC')}
        UNION ALL
        SELECT event_id, event_type, time, decided_time, ingest_time, domain, network_instance, link, tap, collector, evidence, confidence, initial, late, decoder_version, schema_version, frame_partition, frame_offset, frame_index, ordinal, alert_id, rule, severity, state, since, protocol, router, router_name, neighbor, neighbor_name, subject, summary, reason, told, untold, incident, labels, related, events, row_order(decided_time, frame_offset, frame_index, ordinal) AS version FROM routewatch.alerts WHERE time <= {at:DateTime64(9, 'UTC')} AND time <= ingest_time + INTERVAL 1 DAY
    )
    ORDER BY version DESC
    LIMIT 1 BY alert_id
) AS a
WHERE state = 'firing'`,
    ],
  },
  {
    number: 11,
    name: 'changes of operators',
    statements: [
      `CREATE TABLE IF NOT EXISTS routewatch.operator_changes_local ON CLUSTER '{cluster}'
(
    \`event_id\` UUID COMMENT 'Hash of frame identity, table, row key and ordinal: the same frames give the same ids.',
    \`event_type\` LowCardinality(String) COMMENT 'Protocol and IETF YANG notification.',
    \`time\` DateTime64(9, 'UTC') COMMENT 'Effective time; may be earlier than the frame that decided it.' CODEC(Delta, ZSTD(1)),
    \`decided_time\` DateTime64(9, 'UTC') COMMENT 'When it was known: time of the frame or deadline that decided it.' CODEC(Delta, ZSTD(1)),
    \`ingest_time\` DateTime64(9, 'UTC') COMMENT 'The cut\\'s own time, written into the log by the worker.' CODEC(Delta, ZSTD(1)),
    \`domain\` LowCardinality(String) COMMENT 'Routing universe named by the administrator.',
    \`network_instance\` LowCardinality(String) COMMENT 'Network instance (RFC 8529): \`default\`, or the tunnel it was seen in.',
    \`link\` LowCardinality(String) COMMENT 'The link the frame was on: tap and tags unless declared.',
    \`tap\` LowCardinality(String) COMMENT 'Where we looked; for a fact the first tap to see it.',
    \`collector\` LowCardinality(String) COMMENT 'Collector of the tap.',
    \`evidence\` LowCardinality(String) COMMENT 'How we know: declared by the router itself, received, timer, inferred, lsdb.',
    \`confidence\` LowCardinality(String) COMMENT 'observed, inferred or assumed.',
    \`initial\` Bool COMMENT 'First sight of something that was there before us; no change.',
    \`late\` Bool COMMENT 'From a frame that arrived late: history, not news.',
    \`decoder_version\` LowCardinality(String) COMMENT 'Module and version that made the row.',
    \`schema_version\` UInt16 COMMENT 'Layout of the row.',
    \`frame_partition\` UInt16 COMMENT 'Locator: partition of the frames log.',
    \`frame_offset\` UInt64 COMMENT 'Locator: offset of the frame batch.' CODEC(Delta, ZSTD(1)),
    \`frame_index\` UInt32 COMMENT 'Locator: index of the frame in the batch.',
    \`ordinal\` UInt32 COMMENT 'Place among the rows that the same frame or deadline gave: of two rows with equal times and locator the higher came last.',
    \`action\` LowCardinality(String) COMMENT 'What was done: \`add-maintenance-window\`, \`learn-expected-neighbors\`, \`create-token\` and so on.',
    \`subject\` String COMMENT 'To what: a domain, the id of a window, the name of a token.',
    \`actor\` LowCardinality(String) COMMENT 'Name of the token; \`command line\` where somebody with access to the data directory did it.',
    \`role\` LowCardinality(String) COMMENT 'Role of the token: \`operate\`, \`admin\`.',
    \`request_id\` String COMMENT 'Id of the request (\`X-Request-Id\`); empty: none.',
    INDEX time_minmax time TYPE minmax GRANULARITY 1,
    INDEX event_id_bloom event_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplicatedMergeTree('/clickhouse/tables/{shard}/routewatch/operator_changes', '{replica}')
PARTITION BY toYYYYMM(ingest_time)
ORDER BY (time, event_id)
SETTINGS replicated_deduplication_window = 100000, replicated_deduplication_window_seconds = 604800
COMMENT 'One change that an operator made: of expected neighbours, maintenance windows or tokens. Whoever was refused, addresses and details stand in the trail that only the role admin may read.'`,
      `CREATE TABLE IF NOT EXISTS routewatch.operator_changes ON CLUSTER '{cluster}' AS routewatch.operator_changes_local
ENGINE = Distributed('{cluster}', 'routewatch', 'operator_changes_local', rand())`,
    ],
  },
];
