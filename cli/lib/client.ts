/** The ClickHouse client without its own log on the terminal: errors reach the user as our own messages. */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';

export function quietClient(options: NonNullable<Parameters<typeof createClient>[0]>): ClickHouseClient {
  return createClient({ ...options, log: { level: ClickHouseLogLevel.OFF } });
}
