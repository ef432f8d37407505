/** The web page and its API: an express server over the store's reader and the live feed. */
import { createServer, type Server } from 'node:http';
import { makeApp } from './app.ts';
import { webConfig, type WebOptions } from './config.ts';
import { EventStreams } from './events.ts';
import { otherHosts, ownNames } from './guard.ts';
import { Operations } from './operations/index.ts';
import { ReadStore } from './store.ts';

export { type ExpectedChange, FrozenError, Operations, roles, type Role, type Token } from './operations/index.ts';
export type { PacketSource } from './api/resource.ts';
export { Problem } from './problem.ts';
export { webConfig, type CookbookQuestion, type WebConfig, type WebLimits, type WebOptions } from './config.ts';

/** A running server. */
export interface Web {
  /** `http://address:port`, for a browser. */
  readonly url: string;
  readonly port: number;
  /** Ends all event streams and requests, and frees the port. */
  stop(): Promise<void>;
}

/** Starts the server; throws if settings are wrong (ZodError) or the port is taken (EADDRINUSE). */
export async function startWeb(options: WebOptions): Promise<Web> {
  const { live, packets, ...given } = options;
  const config = webConfig.parse(given);
  const operations = new Operations(config.operationsFile);
  const store = new ReadStore(config);
  const streams = new EventStreams(live, config.limits);
  let names: ReadonlySet<string> = new Set();
  const server = createServer(makeApp({ config, store, streams, operations, packets }, () => names));
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  server.maxConnections = config.limits.streams * 4;
  try {
    await listen(server, config.host, config.port);
  } catch (error) {
    await store.close();
    operations.close();
    throw error;
  }
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  names = ownNames(config.host, port, otherHosts(config));
  const shown = config.host.includes(':') ? `[${config.host}]` : config.host;
  return {
    url: `http://${shown}:${port}`,
    port,
    async stop() {
      const closed = new Promise((resolve) => { server.close(resolve); });
      streams.close();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), 1000);
      await closed;
      clearTimeout(cut);
      await store.close();
      operations.close();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
