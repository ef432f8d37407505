/** SNMP notifications, decoded by a real snmptrapd. The OIDs stand here a second time, as the RFCs have them. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AlertNotice } from '../../../contract/alert.ts';
import { type SnmpConfig, channelConfig } from './config.ts';
import { createChannel, mibText } from './index.ts';
import { freePort, isMissing, never, notice, receiver, scratch, until } from './testing.ts';

/** The number that IANA keeps for examples (RFC 5612). */
const ENTERPRISE = '1.3.6.1.4.1.32473.7';
const root = join(import.meta.dirname, '..', '..', '..', '..');
const config: SnmpConfig = { kind: 'snmp', name: 'snmp', host: '127.0.0.1', port: 0, version: '2c', notification: 'inform', enterprise: ENTERPRISE, standardOnly: false, timeoutMs: 5000 };
const missing = isMissing('snmptrapd', 'snmptrapd');

const labels = { domain: 'lab', router: '10.0.0.1', neighbor: '10.0.0.2' };
const session = notice({ rule: 'session-lost', labels: { ...labels, protocol: 'bgp', code: '6', subcode: '2' } });

/** Alerts, and the trap and objects (`OID = TYPE: value`) that a receiver must see. */
const standard: readonly { readonly name: string; readonly alert: AlertNotice; readonly trap: string; readonly objects: readonly string[] }[] = [
  {
    name: 'isisAdjacencyChange (RFC 4444)',
    alert: notice(),
    trap: '.1.3.6.1.2.1.138.0.17',
    objects: ['.1.3.6.1.2.1.138.1.10.1.1.0 = INTEGER: 2', '.1.3.6.1.2.1.138.1.10.1.2.0 = INTEGER: 0', '.1.3.6.1.2.1.138.1.10.1.3.0 = Hex-STRING: 00 00 00 00 00 02 00 00', '.1.3.6.1.2.1.138.1.10.1.12.0 = INTEGER: 1'],
  },
  {
    name: 'its end',
    alert: notice({ state: 'resolved' }),
    trap: '.1.3.6.1.2.1.138.0.17',
    objects: ['.1.3.6.1.2.1.138.1.10.1.12.0 = INTEGER: 3'],
  },
  {
    name: 'ospfNbrStateChange (RFC 4750)',
    alert: notice({ labels: { ...labels, protocol: 'ospfv2', neighbor_address: '192.0.2.2', state: 'init' } }),
    trap: '.1.3.6.1.2.1.14.16.2.2',
    objects: ['.1.3.6.1.2.1.14.1.1.0 = IpAddress: 10.0.0.1', '.1.3.6.1.2.1.14.10.1.1.192.0.2.2.0 = IpAddress: 192.0.2.2', '.1.3.6.1.2.1.14.10.1.2.192.0.2.2.0 = INTEGER: 0', '.1.3.6.1.2.1.14.10.1.3.192.0.2.2.0 = IpAddress: 10.0.0.2', '.1.3.6.1.2.1.14.10.1.6.192.0.2.2.0 = INTEGER: 3'],
  },
  {
    name: 'ospfv3NbrStateChange (RFC 5643)',
    alert: notice({ labels: { ...labels, protocol: 'ospfv3' } }),
    trap: '.1.3.6.1.2.1.191.0.2',
    objects: ['.1.3.6.1.2.1.191.1.1.1.0 = Gauge32: 167772161', '.1.3.6.1.2.1.191.1.9.1.8.0.0.167772162 = INTEGER: 1'],
  },
  {
    name: 'bgpBackwardTransNotification (RFC 4273)',
    alert: session,
    trap: '.1.3.6.1.2.1.15.0.2',
    objects: ['.1.3.6.1.2.1.15.3.1.7.10.0.0.2 = IpAddress: 10.0.0.2', '.1.3.6.1.2.1.15.3.1.14.10.0.0.2 = Hex-STRING: 06 02', '.1.3.6.1.2.1.15.3.1.2.10.0.0.2 = INTEGER: 1'],
  },
  {
    name: 'bgpEstablishedNotification (RFC 4273)',
    alert: { ...session, state: 'resolved' },
    trap: '.1.3.6.1.2.1.15.0.1',
    objects: ['.1.3.6.1.2.1.15.3.1.2.10.0.0.2 = INTEGER: 6'],
  },
  {
    name: 'routewatchAlertFiring for a session over IPv6, which BGP4-MIB cannot name',
    alert: notice({ rule: 'session-lost', labels: { protocol: 'bgp', neighbor: '2001:db8::2' } }),
    trap: `.${ENTERPRISE}.0.1`,
    objects: [`.${ENTERPRISE}.1.2.0 = STRING: "${'b'.repeat(32)}"`, `.${ENTERPRISE}.1.4.0 = INTEGER: 3`, `.${ENTERPRISE}.1.13.0 = STRING: "2001:db8::2"`],
  },
];

/** snmptrapd on a free port; `words` say how it prints. */
async function trapd(words: readonly string[], lines = 'disableAuthorization yes\n'): Promise<{ port: number; output: () => string; pid: number }> {
  const folder = scratch();
  const port = await freePort();
  writeFileSync(join(folder, 'snmptrapd.conf'), `${lines}format2 %V|%v\\n\nformat1 %V|%v\\n\n`);
  const running = receiver('snmptrapd', ['-f', '-Lo', '-C', '-c', join(folder, 'snmptrapd.conf'), '-p', join(folder, 'pid'), ...words, `udp:127.0.0.1:${port}`], { SNMP_PERSISTENT_DIR: folder, MIBS: '' });
  await until(() => running.output().includes('NET-SNMP version'), running.output);
  return { port, output: running.output, pid: running.process.pid! };
}

describe(`snmptrapd${missing ? ' (not run: snmptrapd is not installed)' : ''}`, () => {
  it.skipIf(missing)('decodes each notification with the objects of its MIB', async () => {
    const { port, output } = await trapd(['-On']);
    const channel = createChannel({ ...config, port });
    for (const { name, alert, trap, objects } of standard) {
      const before = output().length;
      await channel.send([alert], never);
      await until(() => output().slice(before).includes('\n'), output);
      const fields = output().slice(before).trim().split('|').map((field) => field.trim());
      expect(fields, name).toContain(`.1.3.6.1.6.3.1.1.4.1.0 = OID: ${trap}`);
      expect(fields, name).toEqual(expect.arrayContaining([...objects]));
      // The alert's own objects go behind those of a standard notification too.
      expect(fields, name).toContain(`.${ENTERPRISE}.1.1.0 = STRING: "${'a'.repeat(32)}"`);
    }
  });

  it.skipIf(missing)('has acknowledged: nothing happens when the time of the sending is over', async () => {
    const { port } = await trapd(['-On']);
    await createChannel({ ...config, port, timeoutMs: 1000 }).send([notice()], never);
    // An exception behind the sending would fail the test.
    await sleep(1200);
  });

  it.skipIf(missing)('reads the MIB that we print, and names everything by it', async () => {
    const mibs = join(scratch(), 'mibs');
    mkdirSync(mibs);
    writeFileSync(join(mibs, 'ROUTEWATCH-MIB.txt'), mibText(ENTERPRISE));
    const { port, output } = await trapd(['-M', `${join(root, 'node_modules/net-snmp/lib/mibs')}:${mibs}`, '-m', 'ROUTEWATCH-MIB']);
    await createChannel({ ...config, port }).send([notice({ rule: 'watchdog', severity: 'info', labels: {} })], never);
    await until(() => output().includes('routewatchAlertPage'), output);
    expect(output()).not.toMatch(/Cannot find|Unlinked|Did not find|error|Bad/i);
    expect(output()).toMatch(/ROUTEWATCH-MIB::routewatchAlertFiring\|.*routewatchAlertSeverity\.0 = INTEGER: info\(6\)\|ROUTEWATCH-MIB::routewatchAlertState\.0 = INTEGER: firing\(1\)/);
  });

  it.skipIf(missing).each(['inform', 'trap'] as const)('takes a v3 %s with authentication and privacy', async (notification) => {
    const engineId = '80007ed9051122334455';
    const { port, output } = await trapd(['-On'], [
      `createUser ${notification === 'trap' ? `-e 0x${engineId} ` : ''}watcher SHA authsecret AES privsecret`, 'authUser log watcher priv', '',
    ].join('\n'));
    process.env['ROUTEWATCH_TEST_AUTH'] = 'authsecret';
    process.env['ROUTEWATCH_TEST_PRIV'] = 'privsecret';
    onTestFinished(() => { delete process.env['ROUTEWATCH_TEST_AUTH']; delete process.env['ROUTEWATCH_TEST_PRIV']; });
    const user = { name: 'watcher', auth: 'sha', authPassword: { variable: 'ROUTEWATCH_TEST_AUTH' }, priv: 'aes', privPassword: { variable: 'ROUTEWATCH_TEST_PRIV' } } as const;
    await createChannel({ ...config, port, version: '3', notification, user, engineId }).send([notice()], never);
    await until(() => output().includes('.1.3.6.1.2.1.138.0.17'), output);
  });

  it.skipIf(missing)('frozen, acknowledges nothing: the sending fails in its time, or at once when it is broken off', async () => {
    const { port, pid } = await trapd(['-On']);
    process.kill(pid, 'SIGSTOP');
    await expect(createChannel({ ...config, port, timeoutMs: 1500 }).send([notice()], never)).rejects.toThrow(`snmp 127.0.0.1:${port}: no acknowledgement within 1500 ms`);
    const stop = new AbortController();
    const sending = createChannel({ ...config, port }).send([notice()], stop.signal);
    stop.abort();
    await expect(sending).rejects.toThrow('broken off');
  });
});

it('a v3 trap tells boots and time of our engine, without which a receiver refuses it after 150 s (RFC 3414, section 3.2)', async () => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  onTestFinished(() => { socket.close(); });
  await once(socket, 'listening');
  const got = once(socket, 'message') as Promise<[Buffer]>;
  const channel = createChannel({ ...config, port: socket.address().port, version: '3', notification: 'trap', user: { name: 'watcher' }, engineId: '80007ed9051122334455' });
  await channel.send([notice()], never);
  const hex = (await got)[0].toString('hex');
  // Octet string engine id, integer boots of 4 bytes, integer time.
  const [, boots = '0'] = /040a80007ed90511223344550204([0-9a-f]{8})02/.exec(hex) ?? [];
  expect(Number.parseInt(boots, 16)).toBeGreaterThan(50_000_000);
});

describe('without an enterprise OID', () => {
  it('what has no standard notification is left out, on request only', async () => {
    const { enterprise: _, ...rest } = config;
    const channel = createChannel({ ...rest, port: 9, standardOnly: true });
    await channel.send([notice({ rule: 'router-silent' })], never);
    expect(channelConfig.safeParse({ kind: 'snmp', name: 'snmp', host: 'nms' }).error?.issues[0]?.message).toContain('name an OID of your own');
  });
});
