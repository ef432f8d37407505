/** A real OpenTelemetry Collector for tests: OTLP over HTTP on loopback, what comes goes to a file; ended by its process id. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Longest that it may take to start, ms. */
const START_MS = 30_000;

/** A log record as the Collector's file exporter writes it. */
export interface CollectedRecord {
  readonly timeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: { readonly stringValue?: string };
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
}

/** Where the built Collector is; undefined where it has not been built. */
function program(): string | undefined {
  const { status, stdout } = spawnSync('sh', [join(import.meta.dirname, 'build.sh'), '--find'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Why no Collector can be started here, with the command that helps; undefined where one can. */
export function collectorLacking(): string | undefined {
  return program() === undefined ? 'the OpenTelemetry Collector is not built: sh infra/dev/otelcol/build.sh (needs Go)' : undefined;
}

export class OtelCollector {
  /** `http://127.0.0.1:PORT`: OTLP over HTTP. */
  readonly url: string;
  private readonly directory: string;
  private child: ChildProcess | undefined;

  private constructor(directory: string, port: number) {
    this.directory = directory;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts one on a free port; resolves when it listens. What comes stands in its file within `flushMs`. */
  static async start(flushMs = 200): Promise<OtelCollector> {
    const directory = mkdtempSync(join(tmpdir(), 'routewatch-otelcol-'));
    const port = await freePort();
    writeFileSync(join(directory, 'config.yaml'), `
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
exporters: { file: { path: "${join(directory, 'received.jsonl')}", append: true, flush_interval: ${flushMs}ms } }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    logs: { receivers: [otlp], exporters: [file] }
    metrics: { receivers: [otlp], exporters: [file] }
    traces: { receivers: [otlp], exporters: [file] }
`);
    const collector = new OtelCollector(directory, port);
    try {
      await collector.restart();
      return collector;
    } catch (error) {
      await collector.stop();
      throw error;
    }
  }

  /** Starts it again at the same address, with the same file. */
  async restart(): Promise<void> {
    const found = program();
    if (found === undefined) throw new Error(collectorLacking());
    const child = spawn(found, ['--config', join(this.directory, 'config.yaml')], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    let output = '';
    child.stderr.setEncoding('utf8').on('data', (piece: string) => { output = (output + piece).slice(-4000); });
    for (const end = performance.now() + START_MS; performance.now() < end && child.exitCode === null; await sleep(50)) if (await this.listens()) return;
    throw new Error(`the OpenTelemetry Collector does not listen at ${this.url}: ${output}`);
  }

  /** It takes connections, and does nothing. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Ends the process; the file stays, and `restart` goes on with it. */
  async end(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Bytes that it has written: when they are more, there is something new. */
  get written(): number {
    return statSync(join(this.directory, 'received.jsonl'), { throwIfNoEntry: false })?.size ?? 0;
  }

  /** All log records that it has written, in their order. */
  records(): CollectedRecord[] {
    type Logs = { resourceLogs?: { scopeLogs: { logRecords: CollectedRecord[] }[] }[] };
    return this.lines<Logs>().flatMap(({ resourceLogs = [] }) => resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)));
  }

  /** The names of all metrics that it has written. */
  metricNames(): string[] {
    type Metrics = { resourceMetrics?: { scopeMetrics: { metrics: { name: string }[] }[] }[] };
    return this.lines<Metrics>().flatMap(({ resourceMetrics = [] }) => resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics.map(({ name }) => name))));
  }

  /** The names of all spans that it has written. */
  spanNames(): string[] {
    type Traces = { resourceSpans?: { scopeSpans: { spans: { name: string }[] }[] }[] };
    return this.lines<Traces>().flatMap(({ resourceSpans = [] }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name))));
  }

  /** A line that is not yet written to its end is left out. */
  private lines<T>(): T[] {
    const file = join(this.directory, 'received.jsonl');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map((line) => JSON.parse(line) as T) : [];
  }

  private listens(): Promise<boolean> {
    const { hostname, port } = new URL(this.url);
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname).once('connect', () => { socket.destroy(); resolve(true); }).once('error', () => { resolve(false); });
    });
  }
}

/** A port of loopback that nobody has now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => { server.close(resolve); });
  return port;
}
