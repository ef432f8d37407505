/** `routewatch alert test`: what the receiver answered, and the exit code. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { routewatch, scratch } from '../testing.ts';

const place = scratch();
afterAll(() => { place.remove(); });

function write(channels: readonly object[]): string {
  const file = place.path('routewatch.json');
  writeFileSync(file, JSON.stringify({ alerts: { channels } }));
  return file;
}

it('tries every channel and says what each answered; one that failed is exit code 1', async () => {
  const server = createServer((request, response) => { request.resume().on('end', () => { response.writeHead(request.url === '/good' ? 200 : 503).end('not now'); }); }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const file = write([
    { kind: 'webhook', name: 'chat', url: `${url}/good` },
    { kind: 'webhook', name: 'pager', url: `${url}/bad` },
    { kind: 'snmp', name: 'nms', host: '127.0.0.1', standardOnly: true },
  ]);
  const { code, out } = await routewatch(['alert', 'test', '--config', file, '--json']);
  expect(JSON.parse(out)).toMatchObject([
    { channel: 'chat', kind: 'webhook', result: 'acknowledged', answer: `${url} has answered 2xx` },
    { channel: 'pager', result: 'failed', answer: `${url} answered 503 Service Unavailable: not now` },
    { channel: 'nms', result: 'not sent' },
  ]);
  expect(code).toBe(1);
  const one = await routewatch(['alert', 'test', '--config', file, '--channel', 'chat']);
  expect(one.code).toBe(0);
  expect(one.out).toMatch(/^channel .*\nchat +webhook +acknowledged/);
  const none = await routewatch(['alert', 'test', '--config', file, '--channel', 'other']);
  expect(none).toMatchObject({ code: 2, err: expect.stringContaining('has no channel other; it has chat, pager, nms') as unknown });
  server.close();
});

it('a mistake in a channel is told with its place, and no secret may stand in the file', async () => {
  const file = write([{ kind: 'webhook', name: 'chat', url: 'ftp://x', bearer: 'secret' }, { kind: 'pigeon', name: 'p' }]);
  const { code, err } = await routewatch(['alert', 'test', '--config', file]);
  expect(code).toBe(2);
  expect(err).toMatch(/alerts\.channels\.0\.url/);
  expect(err).toMatch(/alerts\.channels\.0\.bearer/);
  expect(err).toMatch(/alerts\.channels\.1\.kind/);
});

it('prints the MIB for an OID of the user\'s own only', async () => {
  expect((await routewatch(['alert', 'mib', '--enterprise', '1.3.6.1.4.1.32473.7'])).out).toContain('::= { enterprises 32473 7 }');
  expect(await routewatch(['alert', 'mib', '--enterprise', '1.3.6.1.2.1'])).toMatchObject({ code: 2 });
});
