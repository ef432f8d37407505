/** Alerts as log records in a real OpenTelemetry Collector. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OtelCollector, collectorLacking } from '../../../../infra/dev/otelcol/collector.ts';
import { createChannel } from './index.ts';
import { freePort, never, notice, until } from './testing.ts';

const lacking = collectorLacking();
if (lacking !== undefined) console.warn(`not run: ${lacking}`);

async function collector(): Promise<OtelCollector> {
  const started = await OtelCollector.start();
  onTestFinished(() => started.stop());
  return started;
}

const channelTo = (url: string, timeoutMs = 5000): ReturnType<typeof createChannel> => {
  const channel = createChannel({ kind: 'opentelemetry', name: 'collector', url: `${url}/v1/logs`, timeoutMs });
  onTestFinished(() => channel.close());
  return channel;
};

describe(`a real OpenTelemetry Collector${lacking === undefined ? '' : ` (not run: ${lacking})`}`, () => {
  it.skipIf(lacking !== undefined)('writes a notice as a log record with its name, severity and attributes', async () => {
    const running = await collector();
    await channelTo(running.url).send([notice(), notice({ id: 'c'.repeat(32), severity: 'critical', state: 'resolved' })], never);
    await until(() => running.records().length === 2, () => JSON.stringify(running.records()));
    const [first, second] = running.records();
    expect(first).toMatchObject({
      eventName: 'routewatch.alert.firing', severityNumber: 17, severityText: 'ERROR', timeUnixNano: '1795000009123456789',
      body: { stringValue: 'r1 has lost its IS-IS adjacency to r2.' },
      attributes: expect.arrayContaining([
        { key: 'log.record.uid', value: { stringValue: 'a'.repeat(32) } },
        { key: 'routewatch.alert.id', value: { stringValue: 'b'.repeat(32) } },
        { key: 'routewatch.router_name', value: { stringValue: 'r1' } },
        { key: 'network.protocol.name', value: { stringValue: 'isis' } },
        { key: 'routewatch.reason', value: { stringValue: 'hold-timer-expired' } },
        { key: 'routewatch.alert.events', value: { arrayValue: { values: [{ stringValue: '6f1c6a4e-0000-4000-8000-000000000001' }] } } },
      ]) as unknown,
    });
    expect(second).toMatchObject({ eventName: 'routewatch.alert.resolved', severityNumber: 21, severityText: 'FATAL' });
  });

  it.skipIf(lacking !== undefined)('stopped: the sending fails, and the same notice arrives when it is back', async () => {
    const running = await collector();
    const channel = channelTo(running.url, 1500);
    await running.end();
    await expect(channel.send([notice()], never)).rejects.toThrow(/\/v1\/logs: .*ECONNREFUSED/);
    await running.restart();
    await channel.send([notice()], never);
    await until(() => running.records().length > 0, () => 'no record');
    expect(running.records()).toHaveLength(1);
  });

  it.skipIf(lacking !== undefined)('frozen: the sending fails in its time or when it is broken off, and closing does not hang', async () => {
    const running = await collector();
    running.freeze();
    const channel = channelTo(running.url, 1000);
    const began = performance.now();
    await expect(channel.send([notice()], never)).rejects.toThrow(/timed out/i);
    const stop = new AbortController();
    const sending = channel.send([notice()], stop.signal);
    stop.abort();
    await expect(sending).rejects.toThrow('broken off');
    await channel.close();
    expect(performance.now() - began).toBeLessThan(10_000);
    // What was given up may still have come: at least once, with the same id.
    running.thaw();
    await channelTo(running.url).send([notice()], never);
    await until(() => running.records().length > 0, () => 'no record');
    const ids = running.records().map(({ attributes }) => JSON.stringify(attributes.find(({ key }) => key === 'log.record.uid')));
    expect(new Set(ids).size).toBe(1);
  });
});

it('an answer other than 2xx is no acknowledgement, and the address of none is told', async () => {
  const server = createServer((request, response) => { request.resume().on('end', () => { response.writeHead(400).end(); }); }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => { server.close(); server.closeAllConnections(); });
  await expect(channelTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).send([notice()], never)).rejects.toThrow(/Bad Request|400/);
  await expect(channelTo(`http://127.0.0.1:${await freePort()}`, 500).send([notice()], never)).rejects.toThrow('ECONNREFUSED');
});

it('what a receiver takes in part is not sent again, and what it refused is told', async () => {
  // ExportLogsServiceResponse { partial_success { rejected_log_records: 1, error_message: "no" } }
  const refused = Buffer.from('0a06080112026e6f', 'hex');
  const server = createServer((request, response) => { request.resume().on('end', () => { response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(refused); }); }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => { server.close(); server.closeAllConnections(); });
  const told = once(process, 'warning') as Promise<[Error]>;
  await channelTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).send([notice()], never);
  expect((await told)[0].message).toMatch(/^channel collector: .* has refused records: .*no/);
});
