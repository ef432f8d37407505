/** What a reader's query may name: functions by category, table functions, system tables, settings. */

/**
 * Categories of `system.functions` whose functions neither reach outside the query's own data nor
 * say anything about the machine. A category that a newer engine brings is refused until reviewed.
 */
export const functionCategories: readonly string[] = [
  'Aggregate Functions', 'Arithmetic', 'Arrays', 'Bit', 'Bitmap', 'Comparison', 'Conditional',
  'Dates and Times', 'Dictionary', 'Distance', 'Encoding', 'Financial', 'Geo', 'Geo Polygon',
  'Hash', 'IP Address', 'JSON', 'Logical', 'Map', 'Mathematical', 'Null', 'NumericIndexedVector',
  'Random Number', 'Rounding', 'String', 'String Replacement', 'String Search',
  'String Splitting', 'Time Window', 'Tuple', 'Type Conversion', 'URL', 'UUID',
];

/** Functions outside those categories that are harmless, and words that the parser makes. */
export const functionExceptions: readonly string[] = [
  'lambda', 'exists', 'grouping', 'untuple', 'caseWithExpression', '_CAST', 'nested',
  'countDistinct', 'MACNumToString', 'MACStringToNum', 'MACStringToOUI', 'bar', 'byteSize',
  'countDigits', 'currentDatabase', 'currentUser', 'defaultValueOfArgumentType',
  'defaultValueOfTypeName', 'errorCodeToName', 'finalizeAggregation', 'flipCoordinates',
  'formatReadableDecimalSize', 'formatReadableQuantity', 'formatReadableSize',
  'formatReadableTimeDelta', 'getSubcolumn', 'identity', 'ignore', 'indexHint',
  'initializeAggregation', 'isConstant', 'isDecimalOverflow', 'lowCardinalityIndices',
  'lowCardinalityKeys', 'materialize', 'neighbor', 'parseReadableSize', 'parseReadableSizeOrNull',
  'parseReadableSizeOrZero', 'parseTimeDelta', 'rowNumberInAllBlocks', 'rowNumberInBlock',
  'runningAccumulate', 'runningConcurrency', 'runningDifference',
  'runningDifferenceStartingWithFirstValue', 'throwIf', 'toColumnTypeName', 'toTypeName',
  'transform', 'uptime', 'variantElement', 'variantType', 'version', 'visibleWidth',
  // clickhouse-go, and with it Grafana's data source, asks for these two before its first query.
  'displayName', 'revision',
];

/**
 * Functions refused although their category is allowed. The engine looks at the time limit between
 * blocks only: one call of those that compare all with all would run for hours.
 */
export const functionRefusals: readonly string[] = ['chdb', 'fuzzBits',
  'arrayLevenshteinDistance', 'arrayLevenshteinDistanceWeighted', 'arraySimilarity'];

/** Table functions that only make rows out of their own arguments, or read a dictionary. */
export const tableFunctions: readonly string[] = [
  'numbers', 'numbers_mt', 'zeros', 'zeros_mt', 'generateSeries', 'generate_series', 'values',
  'primes', 'dictionary', 'view',
];

/** Tables of the database `system` that describe what a reader may use anyway. */
export const systemTables: readonly string[] = [
  'tables', 'columns', 'databases', 'functions', 'aggregate_function_combinators', 'one',
  'numbers', 'numbers_mt', 'zeros', 'zeros_mt', 'parts', 'parts_columns', 'dictionaries',
  'data_type_families', 'formats', 'table_functions', 'table_engines', 'keywords', 'time_zones',
  'settings', 'merges', 'mutations', 'metrics', 'events',
  'projections', 'data_skipping_indices', 'contributors', 'licenses', 'completions',
];

/** Settings that a reader may lower but not raise above the store's limit; the value names it. */
export const cappedSettings: Readonly<Record<string, 'resultRows' | 'resultBytes' | 'memoryBytes' | 'seconds'>> = {
  max_result_rows: 'resultRows',
  max_result_bytes: 'resultBytes',
  max_memory_usage: 'memoryBytes',
  max_execution_time: 'seconds',
};

const FREE_SETTINGS = new Set([
  'max_threads', 'max_block_size', 'max_rows_to_read', 'max_bytes_to_read', 'limit', 'offset',
  'extremes', 'join_use_nulls', 'join_algorithm', 'group_by_use_nulls', 'session_timezone',
  'union_default_mode', 'final', 'date_time_input_format', 'date_time_output_format',
  'transform_null_in', 'prefer_column_name_to_alias', 'optimize_read_in_order', 'use_query_cache',
  'any_join_distinct_right_table_keys', 'cast_keep_nullable', 'enable_analyzer',
  'enable_named_columns_in_function_tuple', 'allow_experimental_analyzer',
  'bool_true_representation', 'bool_false_representation', 'rows_before_aggregation',
  'format_csv_delimiter', 'format_csv_null_representation', 'format_tsv_null_representation',
  'format_custom_escaping_rule', 'short_circuit_function_evaluation',
]);

/** Output settings that name a file. */
const FILE_SETTINGS = new Set(['output_format_schema']);

/** Whether a reader may give this setting a value of its own. */
export function isFreeSetting(name: string): boolean {
  if (FILE_SETTINGS.has(name)) return false;
  return FREE_SETTINGS.has(name) || name.startsWith('output_format_');
}
