/** What the shadow holds at a moment against isisd's own tables at that moment: adjacencies up, and every LSP's sequence number and checksum. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Row } from '../../contract/row-reader.ts';
import { decodeToRows } from '../../../infra/lab/decode.ts';
import { readTruthFolder, type TruthItem } from '../../../infra/lab/truth/tables.ts';
import { systemIdOf } from './truth-match.ts';

const captures = join(import.meta.dirname, '../../../infra/lab/captures');
type Rows = ReadonlyMap<string, Row[]>;

/** isisd's text tables of one lab, by command. */
function items(lab: string, command: string): (TruthItem & { label: string })[] {
  return readTruthFolder(join(captures, lab, 'truth'))
    .flatMap((truth) => truth.items.map((item) => ({ ...item, label: truth.label })))
    .filter((item) => item.via === 'vt' && item.cmd === command && item.text !== undefined && item.text.trim() !== '');
}

function before(rows: Rows, table: string, seconds: number): Row[] {
  const until = BigInt(Math.round(seconds * 1e6)) * 1000n;
  return (rows.get(table) ?? []).filter((row) => row['protocol'] === 'isis' && (row['decided_time'] as bigint) <= until);
}

/** `neighbor level` of every adjacency that isisd shows as up; levels of a point-to-point one are told apart. */
function upByTruth(text: string): string[] {
  const up: string[] = [];
  let neighbor = '';
  for (const line of text.split('\n')) {
    const name = /^ (\S+)\s*$/.exec(line);
    if (name !== null) neighbor = systemIdOf(name[1]!);
    const found = /Interface: (\S+), Level: (\S+), State: (\w+),/.exec(line);
    if (found?.[3] !== 'Up') continue;
    for (const level of found[2] === '1' ? [1] : found[2] === '2' ? [2] : [1, 2]) up.push(`${neighbor} L${level}`);
  }
  return up.toSorted();
}

function upByRows(rows: readonly Row[], router: string): string[] {
  const state = new Map<string, Row>();
  for (const row of rows) {
    if (row['router'] === router) state.set(`${String(row['link'])} ${String(row['neighbor'])} ${String(row['level'])}`, row);
  }
  return [...state.values()].filter((row) => row['state'] === 'up')
    .map((row) => `${String(row['neighbor'])} L${String(row['level'])}`).toSorted();
}

/** `lsp-id level` → `sequence checksum` of the LSPs that are alive in isisd's database. */
function databaseByTruth(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let level = 0;
  for (const line of text.split('\n')) {
    const heading = /IS-IS Level-(\d) link-state database/.exec(line);
    if (heading !== null) level = Number(heading[1]);
    const lsp = /^(\S+)\.(\w\w)-(\w\w)\s+\*?\s+\d+\s+0x(\w{8})\s+0x(\w{4})\s+(\(?\d+\)?)\s/.exec(line);
    if (lsp === null || lsp[6]!.startsWith('(')) continue;
    found.set(`${systemIdOf(lsp[1]!)}.${lsp[2]!}-${lsp[3]!} L${level}`, `${Number.parseInt(lsp[4]!, 16)} ${Number.parseInt(lsp[5]!, 16)}`);
  }
  return found;
}

function databaseByRows(rows: readonly Row[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const row of rows) {
    const key = `${String(row['lsa_id'])} L${String(row['level'])}`;
    if (row['change'] === 'purged' || row['change'] === 'expired') found.delete(key);
    else found.set(key, `${String(row['sequence'])} ${String(row['checksum'])}`);
  }
  return found;
}

/** Items of `of` that `list` lacks, each as often as it lacks it. */
function missingIn(list: readonly string[], of: readonly string[]): string[] {
  const rest = [...list];
  return of.filter((item) => {
    const at = rest.indexOf(item);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

describe('isis-ring', () => {
  const files = ['r1-r2a', 'r1-r2b', 'r2-r3', 'r3-r4', 'r4-r1'].map((name) => join(captures, 'isis-ring', `${name}.pcap.gz`));
  let rows: Rows = new Map();
  beforeAll(async () => {
    ({ rows } = await decodeToRows(files));
  });

  it('holds the adjacencies that each living daemon shows as up, at 7 moments, but for four that are named', () => {
    const tables = items('isis-ring', 'show isis neighbor detail');
    expect(tables.length).toBeGreaterThanOrEqual(20);
    const differing = tables.flatMap(({ t, node, label, text }) => {
      const [truth, ours] = [upByTruth(text!), upByRows(before(rows, 'adjacency_events', t), systemIdOf(node))];
      return truth.join() === ours.join() ? [] : [`${label} ${node}: ${missingIn(ours, truth).join()} / ${missingIn(truth, ours).join()}`];
    });
    expect(differing).toEqual([
      // r2 declares init (RFC 5303) and shows up.
      'one-way r2: 0000.0000.0003 L1,0000.0000.0003 L2 / ',
      // Carrier is down and the holds have not passed: no frame has said so yet.
      'link-cut r3:  / 0000.0000.0004 L2', 'link-cut r4:  / 0000.0000.0003 L2',
      // r2's hellos on this link are lost before the tap: it is silent there.
      'parallel-one-way r2: 0000.0000.0001 L1,0000.0000.0001 L2 / ',
    ]);
  });

  it('holds every LSP of the daemons\' databases in the same instance, but in those of routers that are alone at level 1', () => {
    const differing = items('isis-ring', 'show isis database detail').flatMap(({ t, node, label, text }) => {
      const ours = databaseByRows(before(rows, 'lsdb_changes', t));
      return [...databaseByTruth(text!)].flatMap(([id, truth]) => (ours.get(id) === truth ? [] : [`${label} ${node} ${id}`]));
    });
    // Such a router's own LSP is flooded to nobody, and what the others flood does not reach it.
    expect(differing).toEqual([
      'one-way r3 0000.0000.0003.00-00 L1', 'key-mismatch r4 0000.0000.0001.00-00 L1', 'key-mismatch r4 0000.0000.0004.00-00 L1',
      'r2-dead r3 0000.0000.0001.00-00 L1', 'r2-dead r3 0000.0000.0003.00-00 L1',
    ]);
  });
});

describe('isis-lan3', () => {
  let rows: Rows = new Map();
  beforeAll(async () => {
    ({ rows } = await decodeToRows([join(captures, 'isis-lan3/lan0.pcap.gz')]));
  });

  it('holds the adjacencies that each living daemon shows as up, at 8 moments', () => {
    const tables = items('isis-lan3', 'show isis neighbor detail');
    expect(tables.length).toBeGreaterThanOrEqual(20);
    const differing = tables.flatMap(({ t, node, label, text }) => {
      const [truth, ours] = [upByTruth(text!), upByRows(before(rows, 'adjacency_events', t), systemIdOf(node))];
      return truth.join() === ours.join() ? [] : [{ label, node, truth, ours }];
    });
    expect(differing).toEqual([]);
  });

  it('holds every LSP of the daemons\' databases in the same instance, but six that were never flooded', () => {
    const tables = items('isis-lan3', 'show isis database detail');
    let compared = 0;
    const differing = tables.flatMap(({ t, node, label, text }) => {
      const ours = databaseByRows(before(rows, 'lsdb_changes', t));
      return [...databaseByTruth(text!)].flatMap(([id, instance]) => {
        compared += 1;
        return ours.get(id) === instance ? [] : [{ label, node, id, truth: instance, ours: ours.get(id) }];
      });
    });
    expect(compared).toBeGreaterThan(150);
    // A router without a neighbour at a level floods nothing there: r4 has none at level 1 (its area differs), r1 none
    // between the end of r2 and its return.
    expect(differing.map(({ label, node, id }) => `${label} ${node} ${id}`)).toEqual([
      'area-mismatch r4 0000.0000.0004.00-00 L1', 'r4-l2-up r4 0000.0000.0004.00-00 L1',
      'after-r3-expiry r4 0000.0000.0004.00-00 L1', 'after-r2-expiry r1 0000.0000.0001.00-00 L1',
      'after-r2-expiry r4 0000.0000.0004.00-00 L1', 'final r4 0000.0000.0004.00-00 L1',
    ]);
  });

  it('knows the hostnames', () => {
    const known = new Map((rows.get('router_names') ?? []).map((row) => [row['router'], row['value']]));
    expect(Object.fromEntries(known)).toEqual({
      '0000.0000.0001': 'r1', '0000.0000.0002': 'r2', '0000.0000.0003': 'r3', '0000.0000.0004': 'r4',
    });
  });
});
