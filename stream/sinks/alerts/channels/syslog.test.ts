/** Syslog against rsyslog itself, and against sockets that read strictly. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SyslogConfig } from './config.ts';
import { createChannel } from './index.ts';
import { syslogMessage } from './syslog-message.ts';
import { freePort, isMissing, never, notice, receiver, scratch, until } from './testing.ts';

const form = { facility: 16, enterpriseNumber: 32_473, mostBytes: 8192 };
const config: SyslogConfig = { kind: 'syslog', name: 'syslog', host: '127.0.0.1', port: 0, transport: 'tcp', facility: 16, enterpriseNumber: 32_473, timeoutMs: 5000 };

/** RFC 5424, section 6, as its ABNF has it. */
const RFC5424 = /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) (-|(?:\[[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}(?: [\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*\])+) (\uFEFF.*|[\x00-\x7f]*)$/su;

describe('a message', () => {
  it('has the form of RFC 5424', () => {
    const [, priority, time, , app, , id, data, text] = RFC5424.exec(syslogMessage(notice(), form).toString()) ?? [];
    expect({ priority, time, app, id }).toEqual({ priority: '131', time: '2026-11-18T11:06:49.123456Z', app: 'routewatch', id: 'adjacency-lost' });
    expect(data).toContain('[routewatch@32473 alert="bbbb');
    expect(text).toMatch(/^FIRING adjacency r1 -> r2, .* reason=hold-timer-expired .* notice=a{32}/);
  });

  it('keeps it whatever a router is called', () => {
    const hostile = 'r1"] \\ \n<0>1 - \u2028 ñ';
    const message = syslogMessage(notice({ subject: hostile, rule: 'ünicode rule', labels: { router_name: hostile, 'bad name=': hostile } }), form).toString();
    expect(message).toMatch(RFC5424);
    expect(message).not.toContain('\n');
  });

  it('is cut at a whole character', () => {
    const bytes = syslogMessage(notice({ summary: 'ñ'.repeat(5000) }), { ...form, mostBytes: 2047 });
    expect(bytes.length).toBeLessThanOrEqual(2047);
    expect(bytes.toString()).toMatch(RFC5424);
    expect(bytes.toString()).not.toContain('\uFFFD');
  });
});

/** A receiver that reads octet-counted frames strictly; `isFrozen`: one that never reads. */
async function frames(isFrozen = false): Promise<{ port: number; got: string[] }> {
  const got: string[] = [];
  const server = createServer({ pauseOnConnect: isFrozen }, (socket) => {
    const pieces: Buffer[] = [];
    socket.on('error', () => undefined);
    if (isFrozen) return;
    socket.on('data', (piece) => { pieces.push(piece); }).on('end', () => {
      for (let rest = Buffer.concat(pieces); rest.length > 0;) {
        const [head = '', digits = '0'] = /^(\d+) /.exec(rest.toString('latin1')) ?? [];
        if (head === '') throw new Error(`no frame: ${rest.toString()}`);
        got.push(rest.subarray(head.length, head.length + Number(digits)).toString());
        rest = rest.subarray(head.length + Number(digits));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => { server.close(); });
  return { port: (server.address() as AddressInfo).port, got };
}

describe('sending', () => {
  it('counts octets over TCP', async () => {
    const { port, got } = await frames();
    await createChannel({ ...config, port }).send([notice(), notice({ summary: 'größer' })], never);
    expect(got).toHaveLength(2);
    for (const message of got) expect(message).toMatch(RFC5424);
  });

  it('is not acknowledged by a receiver that does not read, nor by none', async () => {
    const { port } = await frames(true);
    await expect(createChannel({ ...config, port, timeoutMs: 300 }).send([notice()], never)).rejects.toThrow('has not closed its end within 300 ms');
    const stop = new AbortController();
    const sending = createChannel({ ...config, port, timeoutMs: 60_000 }).send([notice()], stop.signal);
    stop.abort();
    await expect(sending).rejects.toThrow('broken off');
    // A TCP port that speaks no TLS: there is a connection, but none that is of use.
    await expect(createChannel({ ...config, port, transport: 'tls', timeoutMs: 300 }).send([notice()], never)).rejects.toThrow('no connection within 300 ms');
    await expect(createChannel({ ...config, port: await freePort() }).send([notice()], never)).rejects.toThrow('ECONNREFUSED');
  });

  it('goes as datagrams, and notices a host where nobody listens', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    onTestFinished(() => { socket.close(); });
    await once(socket, 'listening');
    const got = once(socket, 'message') as Promise<[Buffer]>;
    await createChannel({ ...config, transport: 'udp', port: socket.address().port }).send([notice()], never);
    expect((await got)[0].toString()).toMatch(RFC5424);
    await expect(createChannel({ ...config, transport: 'udp', port: await freePort() }).send([notice()], never)).rejects.toThrow('ECONNREFUSED');
  });
});

const noDaemon = isMissing('rsyslogd', 'rsyslog');

describe(`rsyslog${noDaemon ? ' (not run: rsyslog is not installed)' : ''}`, () => {
  it.skipIf(noDaemon)('takes messages over TCP and UDP apart into their fields', async () => {
    const folder = scratch();
    const [tcp, udp] = [await freePort(), await freePort()];
    const file = join(folder, 'alerts.log');
    writeFileSync(join(folder, 'rsyslog.conf'), `
module(load="imtcp") module(load="imudp")
template(name="fields" type="string" string="%syslogfacility-text%.%syslogseverity-text%|%timestamp:::date-rfc3339%|%app-name%|%msgid%|%structured-data%|%msg%\\n")
input(type="imtcp" port="${tcp}" address="127.0.0.1") input(type="imudp" port="${udp}" address="127.0.0.1")
action(type="omfile" file="${file}" template="fields")
`);
    const running = receiver('rsyslogd', ['-n', '-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'pid')]);
    await until(() => createChannel({ ...config, port: tcp }).send([notice()], never).then(() => true, () => false), running.output);
    await createChannel({ ...config, transport: 'udp', port: udp }).send([notice({ severity: 'critical', summary: 'ñ' })], never);
    const lines = (): string[] => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
    await until(() => lines().length >= 2, () => `${running.output()} ${lines().join('\n')}`);
    expect(lines()[0]).toMatch(/^local0\.err\|2026-11-18T\d\d:06:49\.123456.*\|routewatch\|adjacency-lost\|\[routewatch@32473 alert="b{32}" notice="a{32}" state="firing" domain="lab".*\]\|\s*FIRING adjacency r1 -> r2/);
    expect(lines()[1]).toMatch(/^local0\.crit\|.*ñ/);
  });
});
