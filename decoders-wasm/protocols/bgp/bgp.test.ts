/** The BGP decoder over sessions made by hand: streams, attribute errors, session rules, change classes, hostile input. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { murmur128 } from '../../contract/murmur.ts';
import type { Row } from '../../contract/row-reader.ts';
import { attribute, basicAttributes, Conversation, handmade, keepalive, message, open, prefix, update } from './generate.ts';
import { codesOf, feed, makeInstance, readFrames, RowSink, tickRecord, type Tables } from './testing.ts';
import { captures } from './truth.ts';

const none = Buffer.alloc(0);
const ACK = { flags: 0x10 };

/** UPDATE that announces prefixes from the lower end's AS. */
function announce(prefixes: readonly string[], path = [65001], more: Uint8Array = none): Buffer {
  return update(none, basicAttributes(path, '10.0.0.1', more), Buffer.concat(prefixes.map(prefix)));
}

function withdraw(prefixes: readonly string[]): Buffer {
  return update(Buffer.concat(prefixes.map(prefix)), none, none);
}

function decodeHand(records: readonly Uint8Array[]): Tables {
  const frames = handmade(records);
  const sink = new RowSink();
  feed(makeInstance(frames), frames.records, sink);
  return sink.tables(codesOf(frames));
}

function established(capabilities = ''): Conversation {
  const conversation = new Conversation();
  conversation.establish(capabilities);
  return conversation;
}

const changes = (tables: Tables) => (tables.get('route_changes') ?? []).map((row) => `${String(row['change_class'])} ${String(row['prefix'])}`);
const errors = (tables: Tables) => (tables.get('protocol_errors') ?? []).map((row) => String(row['error']));
const quarantined = (tables: Tables) => (tables.get('quarantine') ?? []).map((row) => String(row['error']));
const views = (tables: Tables) => (tables.get('session_events') ?? []).map((row) => `${String(row['router'])} ${String(row['prev_state'])} ${String(row['state'])} ${String(row['reason'])}`);
const leaves = (tables: Tables) => views(tables).filter((view) => view.includes(' established idle '));
const marks = (tables: Tables) => (tables.get('rib_marks') ?? []).map((row) => `${String(row['sender'])} ${String(row['afi_safi'])} ${String(row['mark'])} ${String(row['reason'])} ${String(row['routes'])}`);
const setOf = (tables: Tables, index: number): Row => tables.get('path_attributes')![index]!;

describe('routes', () => {
  it('have a class each: new, repeated, replaced with a difference, withdrawn, withdrawn twice', () => {
    const c = established();
    c.segment(0, Buffer.concat([announce(['192.0.2.0/24']), announce(['192.0.2.0/24']), announce(['192.0.2.0/24'], [65001, 64999])]));
    c.segment(0, Buffer.concat([withdraw(['192.0.2.0/24']), withdraw(['192.0.2.0/24'])]));
    const tables = decodeHand(c.records);
    expect(changes(tables)).toEqual(['tup', 'aadup', 'aadiff', 'tdown', 'wwdup'].map((name) => `${name} 192.0.2.0/24`));
    const rows = tables.get('route_changes')!;
    expect(rows[2]!['prev_attributes']).toBe(rows[0]!['attributes']);
    expect(rows[3]).toMatchObject({ attributes: 0n, prev_attributes: rows[2]!['attributes'], origin_as: 64999, sender: '10.0.0.1', receiver: '10.0.0.2' });
    expect(rows.every((row) => row['initial'] === false)).toBe(true);
  });

  it('have ids that are the hash of frame identity, table, key and ordinal', () => {
    const c = established();
    c.segment(0, announce(['192.0.2.0/24', '10.0.0.0/8']));
    const tables = decodeHand(c.records);
    const row = tables.get('route_changes')![1]!;
    const key = Buffer.alloc(16);
    key.set([0, 1, 8, 0]);
    key.set([10, 0, 0, 0], 8);
    const head = Buffer.alloc(32);
    murmur128(Buffer.from('hand')).forEach((byte, index) => { head[index] = byte; });
    head.writeBigUInt64LE(BigInt(c.records.length), 16);
    head.writeUInt32LE(4 | (1 << 16), 24);
    // Ordinal: the frame's rows so far, counted by the decoder.
    const ids = [0, 1, 2, 3].map((ordinal) => {
      head.writeUInt32LE(ordinal, 28);
      return uuid(murmur128(Buffer.concat([head, key])));
    });
    expect(ids).toContain(row['event_id']);
    expect(new Set(tables.get('route_changes')!.map((one) => one['event_id'])).size).toBe(2);
  });

  it('keep host bits out of prefixes and take lengths 0 and 32', () => {
    const c = established();
    c.segment(0, update(none, basicAttributes([65001]), Buffer.from('00' + '20c0000201' + '14c0a8ff' + '1180ff80', 'hex')));
    expect(changes(decodeHand(c.records))).toEqual(['tup 0.0.0.0/0', 'tup 192.0.2.1/32', 'tup 192.168.240.0/20', 'tup 128.255.128.0/17']);
  });

  it('with path ids live side by side (RFC 7911)', () => {
    const c = established('4504' + '00010103');
    const path = (id: number) => Buffer.concat([Buffer.from([0, 0, 0, id]), prefix('192.0.2.0/24')]);
    c.segment(0, update(none, basicAttributes([65001]), Buffer.concat([path(1), path(2)])));
    c.segment(0, update(path(1), none, none));
    const tables = decodeHand(c.records);
    expect(tables.get('route_changes')!.map((row) => `${String(row['change_class'])} ${String(row['path_id'])}`)).toEqual(['tup 1', 'tup 2', 'tdown 1']);
  });

  it('are only repeated by a route refresh, never removed (rule B6)', () => {
    const c = established();
    c.segment(0, announce(['192.0.2.0/24', '198.51.100.0/24']));
    c.segment(1, message(5, Buffer.from([0, 1, 0, 1])));
    c.segment(0, announce(['192.0.2.0/24']));
    expect(changes(decodeHand(c.records))).toEqual(['tup 192.0.2.0/24', 'tup 198.51.100.0/24', 'aadup 192.0.2.0/24']);
  });
});

describe('errors in an UPDATE (RFC 7606)', () => {
  it('tells a repeated cause once a minute, with the count', () => {
    const c = established();
    for (let i = 0; i < 5; i++) c.segment(0, announce([`10.${i}.0.0/16`], [65001], attribute(0x40, 6, Buffer.alloc(1))));
    c.wait(61_000);
    c.segment(0, announce(['10.9.0.0/16'], [65001], attribute(0x40, 6, Buffer.alloc(1))));
    expect(decodeHand(c.records).get('protocol_errors')!.map((row) => row['count'])).toEqual([1, 5]);
  });

  it('keeps unknown attributes raw', () => {
    const c = established();
    c.segment(0, announce(['192.0.2.0/24'], [65001], attribute(0xc0, 99, Buffer.from('abcdef', 'hex'))));
    expect(String(setOf(decodeHand(c.records), 0)['raw'])).toContain('c0630003abcdef');
  });
});

describe('the TCP stream (rule B9)', () => {
  const stream = Buffer.concat(Array.from({ length: 20 }, (_, i) => announce([`10.${i}.0.0/16`], [65001, i + 1])));
  const expected = Array.from({ length: 20 }, (_, i) => `tup 10.${i}.0.0/16`);

  it.each([1, 7, 19, 50, 1000])('gives the same routes in segments of %i bytes', (size) => {
    const c = established();
    for (let at = 0; at < stream.length; at += size) c.segment(0, stream.subarray(at, at + size));
    expect(changes(decodeHand(c.records))).toEqual(expected);
  });

  it('puts segments in order, and passes over what came before', () => {
    const c = established();
    const start = c.next[0];
    const pieces = Array.from({ length: Math.ceil(stream.length / 100) }, (_, i) => i * 100);
    for (const at of [pieces[1]!, pieces[3]!, pieces[0]!, pieces[0]!, pieces[2]!, ...pieces.slice(4).toReversed(), pieces[5]!]) {
      c.segment(0, stream.subarray(at, at + 100), { sequence: start + at });
    }
    expect(changes(decodeHand(c.records))).toEqual(expected);
  });

  it('tells a hole, finds the next marker, and goes on', () => {
    const c = established();
    const start = c.next[0];
    c.segment(0, stream.subarray(0, 300), { sequence: start });
    c.segment(0, stream.subarray(500), { sequence: start + 500 });
    // The receiver acknowledges what the tap never saw.
    c.segment(1, none, { ...ACK, acknowledgement: start + stream.length });
    const tables = decodeHand(c.records);
    const gaps = tables.get('coverage_events')!;
    expect(gaps.map((row) => `${String(row['what'])} ${String(row['lost'])} ${String(row['subject'])}`)).toEqual(['gap 200 bgp 10.0.0.1 -> 10.0.0.2']);
    const seen = changes(tables);
    expect(expected.filter((change) => seen.includes(change))).toEqual(seen);
    expect(seen.length).toBeGreaterThan(12);
    expect(seen.at(-1)).toBe(expected.at(-1));
  });

  it('tells what a snap length cut away', () => {
    const c = established();
    c.segment(0, stream.subarray(0, 400), { captured: 150 });
    c.segment(0, stream.subarray(400));
    const tables = decodeHand(c.records);
    expect(tables.get('coverage_events')!.map((row) => Number(row['lost']))).toEqual([250]);
    expect(changes(tables).at(-1)).toBe(expected.at(-1));
  });

  it('bounds what it holds ahead of a hole', () => {
    const c = established();
    const start = c.next[0];
    const big = Buffer.alloc(9000);
    for (let i = 0; i < 200; i++) c.segment(0, big, { sequence: start + 1000 + i * 9000, acknowledgement: 5000 });
    const frames = handmade(c.records);
    const instance = makeInstance(frames);
    const memoryAfter = (from: number, to: number): number => {
      feed(instance, frames.records, new RowSink(), from, to, 10);
      return Number(instance.counter(3));
    };
    const before = memoryAfter(0, frames.records.length - 190);
    const half = memoryAfter(frames.records.length - 190, frames.records.length - 100);
    // 512 KB for a direction, in blocks of up to twice the segments' size
    expect(half - before).toBeLessThan(3 << 19);
    expect(memoryAfter(frames.records.length - 100, frames.records.length)).toBe(half);
  });

  it('ignores data, FIN and RST outside the window', () => {
    const c = established();
    const far = (c.next[0] + 0x20000000) >>> 0;
    c.segment(0, announce(['203.0.113.0/24']), { sequence: far });
    c.segment(0, none, { flags: 0x14, sequence: far });
    c.segment(0, none, { flags: 0x11, sequence: far });
    c.segment(0, announce(['192.0.2.0/24']));
    const tables = decodeHand(c.records);
    expect(changes(tables)).toEqual(['tup 192.0.2.0/24']);
    expect(leaves(tables)).toEqual([]);
    expect(errors(tables)).toEqual(['bgp.tcp_outside_window']);
  });

  it('takes extended messages where both ends can (RFC 8654)', () => {
    const long = announce(Array.from({ length: 2000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/24`));
    expect(long.length).toBeGreaterThan(4096);
    const c = established('0600');
    for (let at = 0; at < long.length; at += 1448) c.segment(0, long.subarray(at, at + 1448));
    expect(changes(decodeHand(c.records)).length).toBe(2000);
    const without = established();
    without.segment(0, long);
    expect(quarantined(decodeHand(without.records))).toContain('bgp.message-header');
  });
});

describe('sessions', () => {
  it('fall by RST inside the window: both ends, one flush a family with the count', () => {
    const c = established();
    c.segment(0, announce(['192.0.2.0/24', '198.51.100.0/24']));
    c.segment(1, none, { flags: 0x14 });
    const tables = decodeHand(c.records);
    expect(leaves(tables)).toEqual(['10.0.0.2 established idle tcp-rst', '10.0.0.1 established idle tcp-rst']);
    expect(marks(tables)).toEqual(['10.0.0.1 ipv4-unicast flush session-down 2', '10.0.0.1 ipv6-unicast flush session-down 0',
      '10.0.0.2 ipv4-unicast flush session-down 0', '10.0.0.2 ipv6-unicast flush session-down 0']);
    expect(changes(tables).length).toBe(2);
  });

  it('fall by hold expiry at the last acknowledged message, though no NOTIFICATION is seen', () => {
    const c = new Conversation();
    c.establish('', 9);
    c.wait(3000);
    c.segment(0, keepalive);
    c.segment(1, none, ACK);
    const acknowledged = c.boot;
    c.wait(3000);
    c.segment(0, keepalive, {});
    for (let i = 0; i < 60; i++) {
      c.wait(250);
      c.records.push(tickRecord(c.boot));
    }
    const tables = decodeHand(c.records);
    const expired = tables.get('session_events')!.filter((row) => row['reason'] === 'hold-timer-expired');
    const of = (router: string) => Number((expired.find((row) => row['router'] === router)!['time'] as bigint) - acknowledged) / 1e9;
    expect(of('10.0.0.2')).toBeCloseTo(9, 3);
    expect(of('10.0.0.1')).toBeCloseTo(6, 3);
  });

  it('survive a collision: the losing connection gives no exit and touches no route (rule B4)', () => {
    const first = new Conversation({ ports: [40000, 179] });
    const second = new Conversation({ ports: [179, 50000], boot: first.boot + 500n });
    first.handshake();
    second.segment(1, none, { flags: 2 });
    second.segment(0, none, { flags: 0x12 });
    second.segment(1, none, ACK);
    for (const c of [first, second]) {
      c.segment(0, open(65001, '1.1.1.1'));
      c.segment(1, open(65002, '2.2.2.2'));
    }
    second.segment(1, message(3, Buffer.from([6, 7])));
    second.segment(1, none, { flags: 0x11 });
    first.segment(0, keepalive);
    first.segment(1, keepalive);
    first.segment(0, announce(['192.0.2.0/24']));
    second.segment(0, announce(['203.0.113.0/24']));
    let number = 0n;
    const records = [...first.records, ...second.records].toSorted((a, b) => Number(boot(a) - boot(b)));
    for (const record of records) new DataView(record.buffer).setBigUint64(16, ++number, true);
    const tables = decodeHand(records);
    expect(leaves(tables)).toEqual([]);
    expect(views(tables).filter((view) => view.includes('openconfirm established')).length).toBe(2);
    expect(changes(tables)).toEqual(['tup 192.0.2.0/24']);
  });

  it('that a peer restarts by a new connection end for it at its SYN, once the handshake proves the SYN its own', () => {
    const old = established();
    old.segment(0, announce(['192.0.2.0/24']));
    const fresh = new Conversation({ ports: [40001, 179], boot: old.boot + 1_000_000_000n });
    const forged = new Conversation({ ports: [40002, 179], boot: old.boot + 500_000_000n });
    forged.segment(0, none, { flags: 2 });
    const syn = fresh.boot;
    fresh.establish();
    const tables = decodeHand([...old.records, ...forged.records, ...fresh.records]);
    expect(leaves(tables)).toEqual(['10.0.0.1 established idle new-connection', '10.0.0.2 established idle new-connection']);
    const first = tables.get('session_events')!.find((row) => row['reason'] === 'new-connection')!;
    expect(first['time']).toBe(syn);
    expect(marks(tables)).toContain('10.0.0.1 ipv4-unicast flush session-down 1');
  });

  it('with graceful restart keep routes as stale until the restart time has passed', () => {
    const c = established('4006' + '0005' + '00010180');
    c.segment(0, announce(['192.0.2.0/24']));
    c.segment(0, none, { flags: 0x11 });
    for (let i = 0; i < 24; i++) {
      c.wait(250);
      c.records.push(tickRecord(c.boot));
    }
    const tables = decodeHand(c.records);
    expect(marks(tables)).toEqual(['10.0.0.2 ipv4-unicast flush session-down 0', '10.0.0.2 ipv6-unicast flush session-down 0',
      '10.0.0.1 ipv4-unicast stale graceful-restart 1', '10.0.0.1 ipv6-unicast flush session-down 0', '10.0.0.1 ipv4-unicast sweep restart-timer-expired 1']);
  });

  it('with graceful restart lose at End-of-RIB what was not announced again', () => {
    const gr = '4006' + '0078' + '00010180';
    const old = established(gr);
    old.segment(0, announce(['192.0.2.0/24', '198.51.100.0/24']));
    old.segment(0, none, { flags: 0x11 });
    const fresh = new Conversation({ ports: [40001, 179], boot: old.boot + 1_000_000_000n });
    fresh.establish(gr);
    fresh.segment(0, announce(['192.0.2.0/24']));
    fresh.segment(0, update(none, none, none));
    const tables = decodeHand([...old.records, ...fresh.records]);
    expect(marks(tables).at(-1)).toBe('10.0.0.1 ipv4-unicast sweep end-of-rib-sweep 1');
    expect(changes(tables).at(-1)).toBe('aadup 192.0.2.0/24');
  });

  for (const [what, again, reason] of [
    ['the new OPEN does not list', '4002' + '0078', 'family-not-renegotiated'],
    ['the new OPEN lists without its forwarding state', '4006' + '0078' + '00010100', 'forwarding-state-lost'],
  ] as const) {
    it(`with graceful restart lose the stale routes of a family that ${what}`, () => {
      const old = established('4006' + '0078' + '00010180');
      old.segment(0, announce(['192.0.2.0/24', '198.51.100.0/24']));
      old.segment(0, none, { flags: 0x11 });
      const fresh = new Conversation({ ports: [40001, 179], boot: old.boot + 1_000_000_000n });
      fresh.establish(again);
      const tables = decodeHand([...old.records, ...fresh.records]);
      expect(marks(tables)).toContain('10.0.0.1 ipv4-unicast stale graceful-restart 2');
      expect(marks(tables).at(-1)).toBe(`10.0.0.1 ipv4-unicast sweep ${reason} 2`);
    });
  }

  it('end for both at a FIN and at a NOTIFICATION, with who said what (rule B3)', () => {
    const fin = established();
    fin.segment(1, none, { flags: 0x11 });
    expect(leaves(decodeHand(fin.records))).toEqual(['10.0.0.2 established idle tcp-fin', '10.0.0.1 established idle tcp-fin']);
    const told = established();
    told.segment(0, message(3, Buffer.from([6, 2, 2, 0x68, 0x69])));
    told.segment(0, none, { flags: 0x11 });
    const tables = decodeHand(told.records);
    expect(leaves(tables)).toEqual(['10.0.0.1 established idle notification-sent', '10.0.0.2 established idle notification-received']);
    expect(tables.get('session_events')!.slice(-2)).toMatchObject([{ code: 6, subcode: 2, shutdown_text: 'hi' }, { code: 6, subcode: 2, shutdown_text: 'hi' }]);
  });

  it('of which one direction is not seen any more live on by what the other acknowledges (rule B8)', () => {
    const c = new Conversation();
    c.establish('', 9);
    let acknowledged = 0n;
    for (let i = 0; i < 10; i++) {
      c.wait(3000);
      // Five KEEPALIVEs of the lower end that no tap shows.
      if (i < 5) {
        c.next[0] += 19;
        acknowledged = c.boot;
      }
      c.records.push(tickRecord(c.boot));
      c.segment(1, keepalive);
    }
    const left = decodeHand(c.records).get('session_events')!.filter((row) => row['prev_state'] === 'established');
    expect(left.map((row) => `${String(row['router'])} ${String(row['reason'])}`)).toEqual(['10.0.0.2 hold-timer-expired']);
    expect(Number((left[0]!['time'] as bigint) - acknowledged) / 1e9).toBeCloseTo(9, 3);
  });

  it('with long-lived graceful restart keep stale routes for that time too (RFC 9494)', () => {
    const c = established('4006' + '0001' + '00010180' + '4707' + '00010180000002');
    c.segment(0, announce(['192.0.2.0/24']));
    c.segment(0, none, { flags: 0x11 });
    const down = c.boot;
    for (let i = 0; i < 16; i++) {
      c.wait(250);
      c.records.push(tickRecord(c.boot));
    }
    const sweep = decodeHand(c.records).get('rib_marks')!.find((row) => row['mark'] === 'sweep')!;
    expect(sweep['reason']).toBe('llgr-expired');
    expect(Number((sweep['time'] as bigint) - down) / 1e9).toBeCloseTo(3, 2);
  });

  it('with the N bit are ended for good by a hard reset only (RFC 8538)', () => {
    for (const [subcode, mark] of [[2, 'stale graceful-restart 1'], [9, 'flush session-down 1']] as const) {
      const c = established('4006' + '4078' + '00010180');
      c.segment(0, announce(['192.0.2.0/24']));
      c.segment(1, message(3, subcode === 9 ? Buffer.from([6, 9, 6, 2, 2, 0x68, 0x69]) : Buffer.from([6, 2, 2, 0x68, 0x69])));
      const tables = decodeHand(c.records);
      expect(marks(tables)).toContain(`10.0.0.1 ipv4-unicast ${mark}`);
      expect(tables.get('session_events')!.at(-1)).toMatchObject({ shutdown_text: 'hi', code: 6, subcode });
    }
  });
});

describe('joined midway (rule B7)', () => {
  it('reads path ids and 4-byte paths by what fits, and takes back what a later UPDATE contradicts', () => {
    const c = new Conversation();
    const path = (id: number, text: string) => Buffer.concat([Buffer.from([0, 0, 0, id]), prefix(text)]);
    c.segment(0, update(none, basicAttributes([65001, 65002]), Buffer.concat([path(1, '192.0.2.0/24'), path(2, '192.0.2.0/24')])));
    const tables = decodeHand(c.records);
    expect(tables.get('route_changes')!.map((row) => `${String(row['prefix'])} ${String(row['path_id'])} ${String(row['initial'])}`)).toEqual(['192.0.2.0/24 1 true', '192.0.2.0/24 2 true']);
    expect(setOf(tables, 0)['as_path_text']).toBe('65001 65002');
    expect(views(tables)).toEqual(['10.0.0.1 unknown established first-seen', '10.0.0.2 unknown established first-seen']);
  });

  it('begins in the middle of a message', () => {
    const c = new Conversation();
    const stream = Buffer.concat([announce(['10.1.0.0/16', '10.2.0.0/16']), announce(['10.3.0.0/16'])]);
    c.segment(0, stream.subarray(30));
    expect(changes(decodeHand(c.records))).toEqual(['tup 10.3.0.0/16']);
  });
});

describe('hostile input', () => {
  it('never traps, loops or grows beyond bounds over 40,000 mutated frames of the lab', async () => {
    const frames = await readFrames(['l1', 'l2', 'l3', 'l4'].map((link) => join(captures, `${link}.full.pcap.gz`)));
    const instance = makeInstance(frames);
    let seed = 1;
    const random = () => (seed = Math.imul(seed, 1664525) + 1013904223 >>> 0) / 2 ** 32;
    const sink = new RowSink();
    for (let round = 0; round < 16; round++) {
      const records = frames.records.map((record) => {
        const copy = record.slice();
        for (let i = 0, n = Math.floor(random() * 4); i < n; i++) {
          const at = 64 + Math.floor(random() * (copy.length - 64));
          if (copy.length > 64) copy[at] = Math.floor(random() * 256);
        }
        return copy;
      });
      feed(instance, records, sink);
      sink.bytes.clear();
    }
    expect(Number(instance.counter(3))).toBeLessThan(64 << 20);
    const again = makeInstance(frames, 5n);
    const state = instance.exportState();
    again.importState(state);
    expect(Buffer.from(again.exportState()).equals(Buffer.from(state))).toBe(true);
  });

  it('refuses a checkpoint that is cut or made up', () => {
    const frames = handmade(established().records);
    const instance = makeInstance(frames);
    feed(instance, frames.records, new RowSink());
    const state = instance.exportState();
    for (const bad of [state.subarray(0, state.length - 5), state.subarray(0, 3), Buffer.alloc(64, 0xff)]) {
      expect(() => makeInstance(frames).importState(bad)).toThrow('cannot be read');
    }
  });
});

function boot(record: Uint8Array): bigint {
  return new DataView(record.buffer, record.byteOffset).getBigUint64(8, true);
}

/** As the row reader writes a UUID column of RowBinary: two little-endian halves. */
function uuid(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const hex = [view.getBigUint64(0, true), view.getBigUint64(8, true)].map((half) => half.toString(16).padStart(16, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
