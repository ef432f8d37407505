/** The kit itself, live: a link, a loss behind the tap, a failing step, and nothing left behind. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { isInstalled, whyNotRunnable } from './kit/command.ts';
import { runLab, type LabSpec } from './labkit.ts';
import { readTruthFolder } from './truth/tables.ts';

const reason =
  whyNotRunnable() ??
  (isInstalled('ping') ? undefined : 'not installed: ping. Try: apt-get install iputils-ping');
if (reason !== undefined) console.warn(`not run: the live lab (${reason})`);

/** Two hosts, one link, no daemons: pings before, during and after a one-way loss. */
const tiny: LabSpec = {
  name: 'tiny',
  about: 'Two hosts.',
  seconds: 3,
  precision: 'nano',
  nodes: [{ name: 'a' }, { name: 'b' }],
  links: [
    {
      name: 'a-b',
      ports: [
        { node: 'a', interface: 'e0', addresses: ['10.0.0.1/24'] },
        { node: 'b', interface: 'e0', addresses: ['10.0.0.2/24'] },
      ],
    },
  ],
  truth: [
    {
      node: 'b',
      via: 'x',
      commands: ["awk '/^Icmp:/ && $2 ~ /[0-9]/ {print $10}' /proc/net/snmp"],
    },
  ],
  script: [
    { at: 0, actions: [{ do: 'shell', node: 'a', command: 'ping -c 1 -W 1 10.0.0.2' }] },
    {
      at: 0.5,
      event: 'loss',
      target: 'a-b',
      actions: [{ do: 'loss', link: 'a-b', from: 'a', where: 'after-tap' }],
    },
    { at: 0.6, actions: [{ do: 'shell', node: 'a', command: 'ping -c 1 -W 1 10.0.0.2 || true' }] },
    {
      at: 1.8,
      event: 'heal',
      target: 'a-b',
      actions: [
        { do: 'heal', link: 'a-b' },
        { do: 'truth', label: 'end' },
      ],
    },
  ],
};

const folders: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'routewatch-labtest-'));
  folders.push(folder);
  return folder;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Namespaces that this process has made. */
function namespaces(): string[] {
  return readdirSync('/run/netns').filter((name) => name.startsWith(`rwlab-${process.pid}-`));
}

describe.skipIf(reason !== undefined)(
  'the lab kit, live (needs root, FRR, BIRD, tcpdump, nftables)',
  () => {
    it('captures what is lost behind the tap and leaves nothing behind', async () => {
      const out = newFolder();
      await runLab(tiny, out);
      const pcap = gunzipSync(readFileSync(join(out, 'a-b.pcap.gz')));
      // Echo requests: ICMP type 8 after a 20-octet IPv4 header from 10.0.0.1.
      let requests = 0;
      for (let offset = 24; offset < pcap.length; offset += 16 + pcap.readUInt32LE(offset + 8)) {
        const frame = pcap.subarray(offset + 16, offset + 16 + pcap.readUInt32LE(offset + 8));
        if (frame.readUInt16BE(12) === 0x0800 && frame[23] === 1 && frame[34] === 8) requests++;
      }
      expect(requests).toBe(2);
      expect(
        readTruthFolder(join(out, 'truth')).map((truth) => [truth.label, truth.items[0]?.json]),
      ).toEqual([['end', 1]]);
      const events = readFileSync(join(out, 'events.jsonl'), 'utf8');
      for (const event of ['capture_start', 't0', 'loss', 'heal', 'truth', 'capture_stop', 'end']) {
        expect(events).toContain(`"event":"${event}"`);
      }
      expect(namespaces()).toEqual([]);
    });

    it('cleans up when a step fails, and says why', async () => {
      const failing = {
        ...tiny,
        script: [
          {
            at: 0,
            actions: [{ do: 'shell' as const, node: 'a', command: 'echo no luck >&2; exit 3' }],
          },
        ],
      };
      await expect(runLab(failing, newFolder())).rejects.toThrow(/ended with 3: no luck/);
      expect(namespaces()).toEqual([]);
    });

    it('does not write over an older run', async () => {
      const out = newFolder();
      await runLab({ ...tiny, seconds: 0, script: [] }, out);
      await expect(runLab(tiny, out)).rejects.toThrow(/not empty/);
    });
  },
);
