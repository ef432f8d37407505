/** Whether a part lives and is ready, and its figures: /livez, /readyz and /metrics (Prometheus text) for kubelet, Compose and scrapers. */
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { Metric } from '../../stream/contract/metrics.ts';
import { type OtlpConfig, startTelemetry } from './otlp.ts';
import { UsageError } from './output.ts';

/** What is asked. */
export interface Part {
  /** Undefined, or why it is not ready to do its work. */
  readonly notReady: () => string | undefined;
  readonly metrics: () => readonly Metric[] | Promise<readonly Metric[]>;
}

export interface Health {
  /** `http://HOST:PORT` */
  readonly url: string;
  /** From now on it is answered for this part. */
  tell(part: Part): void;
  stop(): Promise<void>;
}

/** The text of an option's help. */
export const HEALTH_OPTION = ['--health <address>', 'answer /livez, /readyz and /metrics there: PORT (on loopback) or HOST:PORT; without login, so let nobody in but those who watch'] as const;

/** `PORT`, `HOST:PORT` or `[IPV6]:PORT`; UsageError on anything else. */
export function parseHealthAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host = '127.0.0.1', port = ''] = /^(?:(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):)?(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) throw new UsageError(`--health ${text} is no PORT and no HOST:PORT`);
  return { host: host.replaceAll(/[[\]]/g, ''), port: Number(port) };
}

/**
 * Answers from now on where an address is named, and pushes where a collector is, with nobody ready until `tell` has named the part. That an answer comes at all says that the part
 * lives: what ends it (a partition that cannot go on) ends the process, and a decoder that hangs has a watchdog of its own.
 */
export async function startHealth(address: string | undefined, otlp?: OtlpConfig): Promise<Health> {
  let part: Part = { notReady: () => 'it starts', metrics: () => [] };
  const all = async (): Promise<readonly Metric[]> => [...processMetrics(), ...await part.metrics()];
  const pushing = otlp === undefined ? undefined : await startTelemetry(otlp, all);
  const served = address === undefined ? undefined : await serve(address, () => part, all);
  return {
    url: served?.url ?? '',
    tell: (told) => { part = told; },
    stop: async () => {
      await served?.stop();
      await pushing?.stop();
    },
  };
}

async function serve(address: string, part: () => Part, all: () => Promise<readonly Metric[]>): Promise<Pick<Health, 'url' | 'stop'>> {
  const { host, port } = parseHealthAddress(address);
  const answers: Record<string, () => readonly [number, string] | Promise<readonly [number, string]>> = {
    '/livez': () => [200, 'ok\n'],
    '/readyz': () => {
      const why = part().notReady();
      return why === undefined ? [200, 'ok\n'] : [503, `not ready: ${why}\n`];
    },
    '/metrics': async () => [200, prometheusText(await all())],
  };
  const answer = async ({ method, url }: IncomingMessage): Promise<readonly [number, string]> => {
    if (method !== 'GET' && method !== 'HEAD') return [405, 'GET only\n'];
    try {
      return await answers[url?.split('?', 1)[0] ?? '']?.() ?? [404, '/livez, /readyz or /metrics\n'];
    } catch (error) {
      return [500, `${error instanceof Error ? error.message : String(error)}\n`];
    }
  };
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [status, text] = await answer(request);
    response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
  const server = createServer((request, response) => { void respond(request, response); });
  server.requestTimeout = 5000;
  server.headersTimeout = 5000;
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = server.address();
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${typeof bound === 'object' ? bound?.port : port}`,
    stop: () => new Promise((resolve) => {
      server.close(() => { resolve(); });
      server.closeAllConnections();
    }),
  };
}

/** The text format of Prometheus, version 0.0.4. */
export function prometheusText(metrics: readonly Metric[]): string {
  return metrics.map(({ name, help, type, samples }) => [
    `# HELP ${name} ${help}`, `# TYPE ${name} ${type}`,
    ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`), '',
  ].join('\n')).join('');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll('\\', String.raw`\\`).replaceAll('"', String.raw`\"`).replaceAll('\n', String.raw`\n`)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Names as Prometheus' own clients have them. */
export function processMetrics(): Metric[] {
  const { rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return [
    { name: 'process_cpu_seconds_total', type: 'counter', help: 'User and system CPU time', samples: [{ labels: {}, value: (user + system) / 1e6 }] },
    { name: 'process_resident_memory_bytes', type: 'gauge', help: 'Resident memory', samples: [{ labels: {}, value: rss }] },
    { name: 'process_start_time_seconds', type: 'gauge', help: 'Start, since 1970', samples: [{ labels: {}, value: Math.round((Date.now() - performance.now()) / 1000) }] },
  ];
}
