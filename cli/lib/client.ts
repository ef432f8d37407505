/** The ClickHouse client without its own log on the terminal: errors reach the user as our own messages. */
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';

export function quietClient(options: NonNullable<Parameters<typeof createClient>[0]>): ClickHouseClient {
  return createClient({ ...options, log: { level: ClickHouseLogLevel.OFF } });
}

/** Where a ClickHouse server is, and who we are there. */
export interface ServerLogin {
  readonly url: string;
  readonly username: string;
  /** As it stands now. */
  readonly readPassword: () => string;
}

const REQUESTS = new Set<string | symbol>(['query', 'exec', 'command', 'insert']);

/** A client that reads its password for each request: a changed one needs no restart. */
export function serverClient({ url, username, readPassword }: ServerLogin, options: { readonly request_timeout: number }): ClickHouseClient {
  const client = quietClient({ url, username, password: readPassword(), ...options });
  return new Proxy(client, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      if (!REQUESTS.has(name)) return (value as (...given: unknown[]) => unknown).bind(target);
      return async (request: object) => (value as (request: object) => unknown).call(target, { ...request, auth: { username, password: readPassword() } });
    },
  });
}
