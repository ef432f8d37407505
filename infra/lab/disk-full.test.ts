/** A disk that fills up: replay ends and says where and what to do, and goes on when there is room; nothing is lost or twice. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routewatch, rowsOf } from '../../cli/testing.ts';

const isRoot = process.getuid?.() === 0;
const captures = join(import.meta.dirname, 'captures');
const first = join(captures, 'isis-lan3', 'lan0.pcap.gz');
const second = join(captures, 'bgp-basic', 'l1.full.pcap.gz');
const place = mkdtempSync(join(tmpdir(), 'routewatch-full-'));
let isMounted = false;

beforeAll(() => {
  if (!isRoot) {
    console.warn('not run: a file system of a few megabytes can be mounted by root only');
    return;
  }
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', place], { stdio: 'ignore' });
    isMounted = true;
  } catch {
    console.warn('not run: no file system can be mounted here');
  }
});

afterAll(() => {
  if (isMounted) execFileSync('umount', [place]);
  rmSync(place, { recursive: true, force: true });
});

/** Leaves so many bytes of the file system free. */
function fill(leave: number): void {
  const { bavail, bsize } = statfsSync(place);
  const size = bavail * bsize - leave;
  if (size > 0) writeFileSync(join(place, 'filler'), Buffer.alloc(size));
}

describe('a full disk (not run unless root may mount)', () => {
  it.skipIf(!isRoot).each([
    ['at once, in the log', 0, 'log'], ['while it replays, in the log', 300 << 10, 'log'], ['in the store', 2300 << 10, 'store'],
  ])('%s', async (_where, leave, part) => {
    if (!isMounted) return;
    const data = join(place, `data-${leave}`);
    expect((await routewatch(['replay', first, '--quiet', '--data', data])).code).toBe(0);
    fill(leave);
    const stopped = await routewatch(['replay', second, '--quiet', '--data', data]);
    expect(stopped.code).toBe(1);
    expect(stopped.err).toContain(`no room to write ${join(data, part)}`);
    expect(stopped.err).toContain('the disk is full: make room and run the same command again; it goes on where it stopped');
    rmSync(join(place, 'filler'));
    expect(await routewatch(['replay', second, '--quiet', '--data', data])).toEqual({ code: 0, out: '', err: '' });
    const audit = await routewatch(['audit', '--data', data, '--json']);
    expect(audit.code).toBe(0);
    expect((JSON.parse(audit.out) as { findings: unknown[] }).findings).toEqual([]);
    const count = rowsOf(await routewatch(['query', 'SELECT (SELECT count() FROM adjacency_events) AS a, (SELECT count() FROM session_events) AS s, (SELECT count() FROM route_changes) AS r', '--json', '--data', data]));
    expect(count).toEqual([{ a: 78, s: 32, r: 480 }]);
    rmSync(data, { recursive: true });
  }, 240_000);
});
