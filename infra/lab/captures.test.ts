/** The committed captures: complete, readable, as long as their events say, and within the budget. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { lab as demo } from './demo.ts';
import { lab as ring } from './isis-ring.ts';
import { readTruthFolder } from './truth/tables.ts';
import { lab as twins } from './vlan-twins.ts';

const captures = join(import.meta.dirname, 'captures');
const names = readdirSync(captures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const BUDGET = 3_000_000;
/** The first labs' scripts took these two as well, but they were never kept: sessions that `l2.full` and `l4.full` show. */
const NOT_KEPT = new Set(['l2.mid.pcap', 'l4.mid.pcap']);

const LabEvent = z.object({
  t: z.number(),
  rel: z.number(),
  event: z.string(),
  target: z.string(),
  file: z.string().optional(),
});

interface PcapSummary {
  linkType: number;
  packets: number;
  /** Seconds since 1970. */
  first: number;
  last: number;
}

/** Just enough of a classic pcap file (little endian) to know how long it lasts. */
function summarizePcap(data: Buffer): PcapSummary {
  const magic = data.readUInt32LE(0);
  const unit = magic === 0xa1b23c4d ? 1e-9 : magic === 0xa1b2c3d4 ? 1e-6 : Number.NaN;
  const summary = {
    linkType: data.readUInt32LE(20),
    packets: 0,
    first: Number.NaN,
    last: Number.NaN,
  };
  let offset = 24;
  while (offset < data.length) {
    summary.last = data.readUInt32LE(offset) + data.readUInt32LE(offset + 4) * unit;
    if (summary.packets++ === 0) summary.first = summary.last;
    offset += 16 + data.readUInt32LE(offset + 8);
  }
  if (offset !== data.length) throw new Error(`ends inside a packet (${offset} of ${data.length})`);
  return summary;
}

function sizeOf(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

const eventsOf = (name: string) =>
  readFileSync(join(captures, name, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => LabEvent.parse(JSON.parse(line)));

describe('captures', () => {
  it('stay within 3 MB', () => {
    expect(sizeOf(captures)).toBeLessThan(BUDGET);
  });

  it('are all described', () => {
    const readme = readFileSync(join(captures, 'README.md'), 'utf8');
    expect(names).toEqual([
      'bgp-basic',
      'demo',
      'isis-lan3',
      'isis-ring',
      'ospf-lan',
      'vlan-twins',
    ]);
    for (const name of names) expect(readme).toContain(`## ${name}`);
  });

  it('name no folder of the machine that made them', () => {
    const texts = names.flatMap((name) => [
      readFileSync(join(captures, name, 'events.jsonl'), 'utf8'),
      ...['config', 'log'].flatMap((folder) =>
        readdirSync(join(captures, name, folder)).map((file) =>
          readFileSync(join(captures, name, folder, file), 'utf8'),
        ),
      ),
    ]);
    expect(texts.filter((text) => /routewatch-lab-|\/(tmp|root|home)\//.test(text))).toEqual([]);
  });

  describe.each(names)('%s', (name) => {
    const events = eventsOf(name);
    const started = events.filter(
      (event) => event.event === 'capture_start' && !NOT_KEPT.has(event.file ?? ''),
    );
    const end = events.find((event) => event.event === 'end')?.t ?? Number.NaN;

    it('has every capture that its events name, each as long as they say', () => {
      expect(started).not.toHaveLength(0);
      for (const { t, file } of started) {
        const path = join(captures, name, `${file?.replace(/\.gz$/, '')}.gz`);
        const pcap = summarizePcap(gunzipSync(readFileSync(path)));
        expect(pcap.linkType).toBe(1);
        expect(pcap.packets).toBeGreaterThan(20);
        expect(pcap.first).toBeGreaterThan(t - 1);
        expect(pcap.first - t).toBeLessThan(15);
        expect(pcap.last).toBeLessThan(end + 0.1);
        expect(end - pcap.last).toBeLessThan(15);
      }
    });

    it('has the truth that its events name', () => {
      const taken = events
        .filter((event) => event.event === 'truth')
        .map((event) => event.file?.replace(/\.gz$/, ''));
      const truths = readTruthFolder(join(captures, name, 'truth'));
      expect(
        readdirSync(join(captures, name, 'truth')).map((file) => file.replace(/\.gz$/, '')),
      ).toEqual(taken);
      for (const truth of truths) expect(truth.items.length).toBeGreaterThan(0);
    });
  });
});

describe.each([demo, ring, twins])('lab $name', (lab) => {
  it('is over within 150 s and its steps fit', () => {
    expect(lab.seconds).toBeLessThanOrEqual(150);
    expect(Math.max(...lab.script.map((step) => step.at))).toBeLessThan(lab.seconds);
  });

  it('made the committed capture with this script', () => {
    const scripted = lab.script
      .filter((step) => step.event !== undefined)
      .map((step) => `${step.event} ${step.target}`);
    const ignored = new Set([
      't0',
      'daemon_start',
      'capture_start',
      'capture_stop',
      'truth',
      'end',
    ]);
    const happened = eventsOf(lab.name).filter((event) => !ignored.has(event.event));
    expect(happened.map((event) => `${event.event} ${event.target}`).toSorted()).toEqual(
      scripted.toSorted(),
    );
    for (const node of lab.nodes) {
      const texts = { ...node.frr, ...(node.bird === undefined ? {} : { bird: node.bird }) };
      for (const [daemon, text] of Object.entries(texts)) {
        const kept = readFileSync(
          join(captures, lab.name, 'config', `${node.name}.${daemon}.conf`),
          'utf8',
        );
        expect(kept.endsWith(text), `${node.name}.${daemon}.conf`).toBe(true);
      }
    }
  });
});
