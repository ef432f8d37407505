/** Tables that no decoder fills: the sink's ledger and the inventory that people import; SQL functions. */
import { createTable, onCluster, type Mode } from './engine.ts';

const updated = "`updated_at` DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'The newest row of a key counts.'";
const removed = "`removed` Bool DEFAULT false COMMENT 'Takes the entry back.'";

/** One row for each inserted cut: what was written, by whom, under which token. */
export function ledger(mode: Mode): string[] {
  return createTable(mode, {
    name: 'ledger',
    columns: [
      "`log_id` String COMMENT 'The log of the events records.'",
      '`partition` UInt32',
      "`owner` String COMMENT 'Worker whose claim wrote the records.'",
      "`first_offset` UInt64 COMMENT 'First events record of the cut.'",
      '`last_offset` UInt64',
      "`end_offset` UInt64 COMMENT 'Where the cut ends in the frames log: all frames before it are done,'",
      "`end_rows` UInt64 COMMENT 'and so many rows of the batch that stands there.'",
      "`token` String COMMENT 'Deduplication token without the table.'",
      "`rows` Map(String, UInt64) COMMENT 'Rows by table.'",
      "`refused` Map(String, UInt64) COMMENT 'Rows by table that the store would not take: quarantine has their records.'",
      "`quarantined` UInt64 COMMENT 'Rows of quarantine that the sink made of them.'",
      "`ingest_time` DateTime64(9, 'UTC') COMMENT 'Time of the cut.'",
      "`inserted_at` DateTime64(3, 'UTC') DEFAULT now64(3)",
    ],
    orderBy: ['log_id', 'partition', 'last_offset', 'owner'],
    comment: 'One row for each cut that the sink has inserted, written last.',
  });
}

/** What `inventory import` writes. Domains are never empty: the import fills in the default one. */
export function inventory(mode: Mode): string[] {
  return [
    ...createTable(mode, {
      name: 'router_inventory', version: 'updated_at', everywhere: true, orderBy: ['domain', 'name'],
      columns: [
        '`domain` LowCardinality(String)', '`name` String', '`site` LowCardinality(String)', '`role` LowCardinality(String)',
        "`system_id` String COMMENT 'IS-IS system id `0000.0000.0001`; empty: none.'",
        "`router_ids` Array(String) COMMENT 'OSPF router ids and BGP identifiers.'",
        '`as_number` UInt32', "`addresses` Array(String) COMMENT 'Loopback and interface addresses.'", removed, updated,
      ],
      comment: 'Routers as the administrator names them.',
    }),
    ...createTable(mode, {
      name: 'interfaces', version: 'updated_at', everywhere: true, orderBy: ['domain', 'router_name', 'interface_name', 'address'],
      columns: [
        '`domain` LowCardinality(String)', '`router_name` String', '`interface_name` String',
        "`address` String COMMENT 'Interface address without length; empty: none.'",
        "`link` LowCardinality(String) COMMENT 'Link that it is on, as in the event tables; empty: unknown.'",
        '`description` String', removed, updated,
      ],
      comment: 'Interfaces as the administrator names them.',
    }),
    ...createTable(mode, {
      name: 'expected_neighbors', version: 'updated_at', everywhere: true,
      orderBy: ['domain', 'protocol', 'router', 'neighbor', 'link'],
      columns: [
        '`domain` LowCardinality(String)', "`protocol` LowCardinality(String) COMMENT '`isis`, `ospfv2`, `ospfv3` or `bgp`.'",
        "`router` String COMMENT 'System id, router id, address (bgp) or inventory name.'", '`neighbor` String',
        "`link` LowCardinality(String) COMMENT 'Empty: on whatever link.'", removed, updated,
      ],
      comment: 'Which neighbours a router should have.',
    }),
  ];
}

/** Dictionary behind the column `expected` of neighbor_counts; it asks the table each time, so an import shows at once. */
export function expectedCounts(mode: Mode): string[] {
  return [
    `CREATE OR REPLACE VIEW routewatch.expected_counts${onCluster(mode)} AS
SELECT domain AS domain, protocol AS protocol, router AS router, link AS link, toUInt32(uniqExact(neighbor)) AS expected
FROM routewatch.expected_neighbors FINAL
WHERE NOT removed
GROUP BY domain, protocol, router, link`,
    `CREATE DICTIONARY IF NOT EXISTS routewatch.expected_counts_dictionary${onCluster(mode)}
(domain String, protocol String, router String, link String, expected UInt32)
PRIMARY KEY domain, protocol, router, link
SOURCE(CLICKHOUSE(QUERY 'SELECT toString(domain) AS domain, toString(protocol) AS protocol, router, toString(link) AS link, expected FROM routewatch.expected_counts'))
LAYOUT(COMPLEX_KEY_DIRECT())`,
  ];
}

const range = (text: string, length: string): string => `IPv6CIDRToRange(toIPv6(splitByChar('/', ${text})[1]), toUInt8(${length} + if(position(${text}, ':') = 0, 96, 0)))`;

/** SQL functions for everybody's queries. Constants fold, so that the order key serves them. */
export function functions(mode: Mode): string[] {
  const length = (text: string): string => `toUInt8(splitByChar('/', ${text})[2])`;
  const mapped = "address BETWEEN toIPv6('::ffff:0.0.0.0') AND toIPv6('::ffff:255.255.255.255')";
  const candidates = Array.from({ length: 129 }, (_, bits) => `tuple(tupleElement(${range('inner', `least(${bits}, ${length('inner')})`)}, 1), least(${bits}, ${length('inner')}))`);
  return [
    `CREATE OR REPLACE FUNCTION row_order${onCluster(mode)} AS (decided_time, frame_offset, frame_index, ordinal) ->
bitShiftLeft(toUInt256(greatest(toUnixTimestamp64Nano(decided_time), toInt64(0))), 128) + bitShiftLeft(toUInt256(frame_offset), 64)
+ bitShiftLeft(toUInt256(frame_index), 32) + toUInt256(ordinal)`,
    `CREATE OR REPLACE FUNCTION covered_by${onCluster(mode)} AS (address, length, outer) ->
address >= tupleElement(${range('outer', length('outer'))}, 1) AND address <= tupleElement(${range('outer', length('outer'))}, 2)
AND length >= ${length('outer')} AND (position(outer, ':') = 0) = (${mapped})`,
    `CREATE OR REPLACE FUNCTION covers${onCluster(mode)} AS (address, length, inner) ->
(address, length) IN (${candidates.join(', ')}) AND (position(inner, ':') = 0) = (${mapped})`,
  ];
}
