/** What people write and read: times, prefixes, CSV, tables, lines of events. */
import { describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../stream/contract/live.ts';
import { parseCsv } from './csv.ts';
import { explainError } from './errors.ts';
import { identified, readInventory } from './inventory-file.ts';
import { eventLine } from './live-lines.ts';
import { UsageError, formatTable } from './output.ts';
import { prefixCondition } from './prefix.ts';
import { parseTime, sqlTime, timeText } from './time.ts';

describe('times', () => {
  const second = 1_795_227_555n * 1_000_000_000n;
  it.each([
    ['2026-11-21T02:19:15Z', second], ['2026-11-21 02:19:15', second], ['2026-11-21T03:19:15.75+01:00', second + 750_000_000n],
    ['1795227555.674501', second + 674_501_000n], ['2026-11-21', second - 8355n * 1_000_000_000n], ['5m ago', 700n * 1_000_000_000n], ['2h', -6200n * 1_000_000_000n],
  ])('%s', (text, expected) => { expect(parseTime(text, 1000n * 1_000_000_000n)).toBe(expected); });

  it('are written in UTC, to the nanosecond for the engine', () => {
    expect(timeText(second + 674_501_999n)).toBe('2026-11-21 02:19:15.674501');
    expect(sqlTime(second + 1n)).toBe(`toDateTime64('2026-11-21 02:19:15.000000001', 9, 'UTC')`);
    expect(() => parseTime('2026-13-01')).toThrow('"2026-13-01" is no time');
  });
});

describe('prefixes', () => {
  it('an address is the prefix of its full length; bits behind the length do not matter', () => {
    expect(prefixCondition('192.0.2.7', {}).parameters).toMatchObject({ address: '192.0.2.7', length: 32, mapped: 128 });
    expect(prefixCondition('2001:db8::/32', {}).parameters).toMatchObject({ length: 32, mapped: 32 });
    expect(prefixCondition('192.0.%', {})).toEqual({ where: 'prefix LIKE {prefix:String}', parameters: { prefix: '192.0.%' } });
  });

  it.each(['10.0.0.0/33', '10.0.0/8', 'fe80::/129', '10.0.0.0/8/8', `1' OR 1`])('%s is refused', (text) => {
    expect(() => prefixCondition(text, {})).toThrow(UsageError);
  });
});

describe('CSV', () => {
  it('takes quotes, doubled quotes, line ends within them, CRLF, a byte order mark and blank lines', () => {
    expect(parseCsv('\uFEFFa,b\r\n"x ""y"", z","1\n2"\r\n\r\n,\n')).toEqual([['a', 'b'], ['x "y", z', '1\n2'], ['', '']]);
  });
});

describe('the inventory', () => {
  const known = [{ domain: 'd', protocol: 'isis', name: 'ams1', id: '0000.0000.0001' }, { domain: 'd', protocol: 'bgp', name: 'ams1', id: '192.0.2.1' }, { domain: 'd', protocol: 'bgp', name: 'ams1', id: '192.0.2.5' }];
  const expected = (line: string): unknown => {
    const file = readInventory(`protocol,router,neighbor,link,removed\n${line}`, 'n.csv', 'd');
    return file.kind === 'neighbors' ? identified(file.expected, known) : file;
  };

  it('gathers the lines of a router', () => {
    expect(readInventory('name,site,system_id,router_ids,interface,interface_address\na,X,0000.0000.00AB,192.0.2.1 192.0.2.2,e0,10.0.0.1\na,,,,e1,\n', 'r.csv', 'd')).toEqual({
      kind: 'routers',
      routers: [{ domain: 'd', name: 'a', site: 'X', role: '', system_id: '0000.0000.00ab', as_number: 0, router_ids: ['192.0.2.1', '192.0.2.2'], addresses: ['10.0.0.1'] }],
      interfaces: [{ domain: 'd', router_name: 'a', interface_name: 'e0', address: '10.0.0.1', link: '', description: '' }, { domain: 'd', router_name: 'a', interface_name: 'e1', address: '', link: '', description: '' }],
    });
  });

  it('finds routers by name, and takes identities as they are', () => {
    expect(expected('isis,ams1,0000.0000.00FF,l1,\nospfv2,10.0.0.1,10.0.0.2,,true')).toEqual([
      { domain: 'd', protocol: 'isis', router: '0000.0000.0001', neighbor: '0000.0000.00ff', link: 'l1', removed: false },
      { domain: 'd', protocol: 'ospfv2', router: '10.0.0.1', neighbor: '10.0.0.2', link: '', removed: true },
    ]);
  });

  it.each([
    ['isis,nobody,ams1,,', 'n.csv, line 2: "nobody" is no system id'], ['bgp,ams1,192.0.2.9,,', 'n.csv, line 2: "ams1" may be 192.0.2.1 or 192.0.2.5 in bgp'],
    ['rip,a,b,,', 'n.csv, line 2: protocol "rip" is not known'], ['isis,,ams1,,', 'n.csv, line 2: router is empty'], ['isis,a,b', 'n.csv, line 2: 3 fields where the header has 5'],
    ['isis,ams1,ams1,,maybe', 'removed "maybe" is neither true nor false'],
  ])('%s: the mistake is told with its line', (line, message) => { expect(() => expected(line)).toThrow(message); });

  it.each([
    ['', 'r.csv is empty'], ['name,colour\n', 'r.csv, line 1: unknown columns colour'], ['site\n', 'the column "name" is missing'], ['name,name\n', 'name stands there twice'],
    ['name,system_id\na,1\n', 'r.csv, line 2: system_id "1" is none'], ['name,as_number\na,4294967296\n', 'is no AS number'], ['name,addresses\na,10.0.0.1 10.0.0\n', 'addresses holds "10.0.0", which is no address'],
  ])('%j is refused', (text, message) => { expect(() => readInventory(text, 'r.csv', 'd')).toThrow(message); });
});

describe('what is printed', () => {
  it('columns are as wide as what people see in them, and control characters do not reach the terminal', () => {
    expect(formatTable(['a', 'b'], [['Zu\u0308rich', 1], ['\u{1F469}\u200D\u{1F680}', null], ['x\u001B[2J', [1, 2]]])).toBe('a       b\nZu\u0308rich  1\n\u{1F469}\u200D\u{1F680}\nx\uFFFD[2J   1 2\n');
    expect(formatTable(['a'], [])).toBe('no rows\n');
  });

  it('an event is one line; routers of the graph stand by name', () => {
    const event: LiveEvent = {
      id: '', table: 'topology_changes', type: '', time: '1795227555674501999', decidedTime: '0', domain: 'd', link: '', router: '0000.0000.0001', routerName: 'r1',
      subject: '', previous: '10', next: '25', reason: '', severity: 'info', initial: false, line: 'isis L1 topology: link 0000.0000.0001 -> 0000.0000.0002 metric 10 -> 25',
    };
    expect(eventLine(event, new Map([['0000.0000.0001', 'r1']]))).toBe('2026-11-21 02:19:15.674   isis L1 topology: link r1 -> 0000.0000.0002 metric 10 -> 25');
    const named = { ...event, line: 'isis L1 topology: node 0000.0000.0001 hostname  -> r1', next: 'r1' };
    expect(eventLine(named, new Map([['0000.0000.0001', 'r1']]))).toContain('node 0000.0000.0001 hostname -> r1');
  });

  it('errors say what to try, and whose fault it is', () => {
    expect(explainError(Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }))).toEqual({ text: expect.stringContaining('make room and run the same command again') as unknown, code: 1 });
    expect(explainError(new TypeError('x is not a function'))).toEqual({ text: expect.stringContaining('please report it') as unknown, code: 70 });
    expect(explainError(new UsageError('so not'))).toEqual({ text: 'so not', code: 2 });
  });
});
