/** Channels over TLS: who is trusted, and who is not. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Server, createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeCertificates } from '../../../../infra/dev/kafka/certificates.ts';
import { createChannel } from './index.ts';
import { isMissing, never, notice, scratch } from './testing.ts';

const noOpenssl = isMissing('openssl', 'openssl');

interface Pems {
  readonly ca: string;
  readonly key: Buffer;
  readonly cert: Buffer;
}

function certificates(): Pems {
  const folder = scratch();
  const { ca } = makeCertificates(folder);
  return { ca, key: readFileSync(join(folder, 'server.key')), cert: readFileSync(join(folder, 'server.crt')) };
}

async function https({ key, cert }: Pems): Promise<{ url: string; bodies: Buffer[] }> {
  const bodies: Buffer[] = [];
  const server: Server = createHttps({ key, cert }, (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => { pieces.push(piece); }).on('end', () => {
      bodies.push(Buffer.concat(pieces));
      response.writeHead(200).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => { server.close(); server.closeAllConnections(); });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, bodies };
}

describe.skipIf(noOpenssl)(`TLS${noOpenssl ? ' (not run: openssl is not installed)' : ''}`, () => {
  it.each(['webhook', 'alertmanager', 'opentelemetry'] as const)('%s trusts the authority of caFile, and none without it', async (kind) => {
    const pems = certificates();
    const { url, bodies } = await https(pems);
    const config = { kind, name: 'secure', url: kind === 'opentelemetry' ? `${url}/v1/logs` : url, timeoutMs: 3000 };
    const [trusting, wary] = [createChannel({ ...config, caFile: pems.ca }), createChannel(config)];
    onTestFinished(async () => { await trusting.close(); await wary.close(); });
    await trusting.send([notice()], never);
    expect(bodies[0]!.includes('adjacency-lost')).toBe(true);
    await expect(wary.send([notice()], never)).rejects.toThrow(/certificate/);
    expect(bodies).toHaveLength(1);
  });

  it('syslog sends octet-counted frames and waits for the receiver to close; another authority is refused', async () => {
    const { ca, key, cert } = certificates();
    let got = '';
    const server = createTls({ key, cert }, (socket) => { socket.on('error', () => undefined).on('data', (piece) => { got += piece.toString(); }); }).on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => { server.close(); });
    const config = { kind: 'syslog', name: 'secure', host: 'localhost', port: (server.address() as AddressInfo).port, transport: 'tls', facility: 16, timeoutMs: 3000 } as const;
    await createChannel({ ...config, caFile: ca }).send([notice(), notice()], never);
    const [, digits = '0'] = /^(\d+) <131>1 /.exec(got) ?? [];
    expect(got.slice(digits.length + 1 + Number(digits))).toMatch(/^\d+ <131>1 /);
    await expect(createChannel(config).send([notice()], never)).rejects.toThrow(/certificate/);
  });
});
