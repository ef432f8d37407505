/** The webhook against a receiver that checks it, and Alertmanager's own. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Alertmanager } from '../../../../infra/dev/receivers.ts';
import { alertmanagerAlert } from './alertmanager.ts';
import { createChannel } from './index.ts';
import { freePort, isMissing, never, notice, scratch, until } from './testing.ts';

interface Got {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A server that keeps what comes and answers so; no answer at all for 0. */
async function listen(status: number): Promise<{ url: string; got: Got[]; server: Server }> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => { body += piece.toString(); }).on('end', () => {
      got.push({ headers: request.headers, body });
      if (status !== 0) response.writeHead(status, { location: '/elsewhere' }).end('so it was');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => { server.close(); server.closeAllConnections(); });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got, server };
}

const common = { name: 'ops', timeoutMs: 1000 };

describe('webhook', () => {
  it('posts notices as JSON, signed and with a token', async () => {
    const { url, got } = await listen(204);
    const folder = scratch();
    writeFileSync(join(folder, 'key'), 'whsec_c2VjcmV0\n');
    writeFileSync(join(folder, 'token'), 'letmein\n');
    const channel = createChannel({ kind: 'webhook', ...common, url, signature: { file: join(folder, 'key') }, bearer: { file: join(folder, 'token') } });
    await channel.send([notice()], never);
    const [{ headers, body }] = got as [Got];
    expect(JSON.parse(body)).toMatchObject({ version: 1, notices: [{ id: 'a'.repeat(32), state: 'firing', since: '2026-11-18T11:06:40.123456789Z', labels: { router_name: 'r1' } }] });
    expect(headers).toMatchObject({ authorization: 'Bearer letmein', 'webhook-id': 'a'.repeat(32), 'content-type': 'application/json' });
    const signed = createHmac('sha256', 'secret').update(`${headers['webhook-id'] as string}.${headers['webhook-timestamp'] as string}.${body}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signed}`);
  });

  it('gives the same notices the same id when they are sent again', async () => {
    const { url, got } = await listen(200);
    const channel = createChannel({ kind: 'webhook', ...common, url });
    const two = [notice(), notice({ id: 'c'.repeat(32) })];
    await channel.send(two, never);
    await channel.send(two, never);
    expect(got[0]!.headers['webhook-id']).toBe(got[1]!.headers['webhook-id']);
  });

  it.each([500, 302, 404])('takes %i for no acknowledgement, and says what was answered', async (status) => {
    const { url, got } = await listen(status);
    await expect(createChannel({ kind: 'webhook', ...common, url }).send([notice()], never)).rejects.toThrow(`answered ${status}`);
    expect(got).toHaveLength(1);
  });

  it('gives up on a receiver that does not answer, and ends at once when it is broken off', async () => {
    const { url } = await listen(0);
    await expect(createChannel({ kind: 'webhook', name: 'ops', timeoutMs: 300, url }).send([notice()], never)).rejects.toThrow('no answer within 300 ms');
    const stop = new AbortController();
    const sending = createChannel({ kind: 'webhook', ...common, timeoutMs: 60_000, url }).send([notice()], stop.signal);
    stop.abort();
    await expect(sending).rejects.toThrow('broken off');
  });

  it('says which secret is missing, and which address refuses', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    await expect(createChannel({ kind: 'webhook', ...common, url, bearer: { variable: 'ROUTEWATCH_NOT_SET' } }).send([notice()], never)).rejects.toThrow('ROUTEWATCH_NOT_SET is not set');
    await expect(createChannel({ kind: 'webhook', ...common, url }).send([notice()], never)).rejects.toThrow(/127\.0\.0\.1.*ECONNREFUSED/);
  });
});

async function startAlertmanager(): Promise<Alertmanager> {
  const running = await Alertmanager.start();
  onTestFinished(() => running.stop());
  return running;
}

const noAlertmanager = isMissing('prometheus-alertmanager', 'prometheus-alertmanager');

describe(`Alertmanager${noAlertmanager ? ' (not run: prometheus-alertmanager is not installed)' : ''}`, () => {
  it.skipIf(noAlertmanager)('takes a firing alert and its end', async () => {
    const running = await startAlertmanager();
    const channel = createChannel({ kind: 'alertmanager', ...common, timeoutMs: 5000, url: running.url });

    const since = BigInt(Date.now() - 60_000) * 1_000_000n;
    await channel.send([notice({ since, changed: since }), notice({ since, changed: since })], never);
    const [alert, ...more] = await running.active();
    expect(more).toEqual([]);
    expect(alert).toMatchObject({
      labels: { alertname: 'adjacency-lost', severity: 'error', router_name: 'r1', alert_id: 'b'.repeat(32) },
      annotations: { summary: 'r1 has lost its IS-IS adjacency to r2.', runbook_url: 'dashboards/runbooks/adjacency-lost.md' },
    });
    // Not the five minutes after which Alertmanager takes it for resolved.
    expect(Date.parse(alert!.endsAt) - Date.now()).toBeGreaterThan(365 * 86_400_000);

    // Its clock may be behind ours: an end that lies ahead must resolve it all the same.
    await channel.send([notice({ id: 'c'.repeat(32), state: 'resolved', since, changed: since + 3_600_000_000_000n })], never);
    await until(async () => (await running.active()).length === 0, () => 'it fires still');
  });

  it('is told no end of what must end by itself', () => {
    for (const rule of ['watchdog', 'test']) expect(alertmanagerAlert(notice({ rule }), 0n)).not.toHaveProperty('endsAt');
    expect(alertmanagerAlert(notice({ rule: 'watchdog', state: 'resolved' }), 2_000_000_000n)).toMatchObject({ startsAt: '1970-01-01T00:00:02.000000000Z', endsAt: '1970-01-01T00:00:02.000000000Z' });
  });

  it.skipIf(noAlertmanager)('refuses what is no alert, and the channel says why', async () => {
    const { url } = await startAlertmanager();
    const sending = createChannel({ kind: 'alertmanager', ...common, timeoutMs: 5000, url }).send([notice({ labels: { 'no label': 'x' } })], never);
    await expect(sending).rejects.toThrow(/answered 400 .*no label/);
  });
});
