/** The command as a whole: help, wrong use, configuration, versions. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { program } from './main.ts';
import { labCaptures, routewatch, rowsOf, scratch } from './testing.ts';

const commands = ['replay', 'decode', 'query', 'adjacencies', 'counts', 'sessions', 'routes', 'topology', 'timeline', 'alerts', 'coverage', 'events', 'packet', 'inventory', 'up', 'demo', 'topics', 'worker', 'sink', 'alerter', 'alert', 'collect', 'audit', 'backup', 'restore', 'repartition', 'finalize', 'redecode', 'detach', 'token', 'doctor', 'check-config', 'version'];
const place = scratch();
afterAll(() => { place.remove(); });

describe('help', () => {
  it('lists every command, examples and exit codes, and so does the README', async () => {
    const { code, out } = await routewatch(['--help']);
    expect(code).toBe(0);
    const listed = [...out.slice(0, out.indexOf('\nExamples:')).matchAll(/^ {2}([a-z-]+)[ \n]/gm)].map(([, name]) => name!);
    expect(listed.filter((name) => name !== 'help')).toEqual(commands);
    expect(out).toContain('Exit codes: 0 done; 1 failed; 2 wrong use; 3 done, but part of the input could not be used;');
    const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
    for (const name of commands) expect(readme, name).toMatch(new RegExp(`\`${name}|make ${name}`));
  });

  it('shows options and an example for each command', () => {
    const all = program().commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
    expect(program().commands.length).toBe(commands.length);
    for (const command of all) {
      let text = '';
      command.configureOutput({ writeOut: (piece) => { text += piece; } }).outputHelp();
      expect(text, command.name()).toMatch(/Examples:\n {2}routewatch /);
      for (const option of command.options) expect(option.description, `${command.name()} ${option.flags}`).not.toBe('');
      if (!['up', 'demo', 'worker', 'sink', 'alerter', 'mib'].includes(command.name())) expect(text, command.name()).toContain('--json');
    }
  });
});

describe('wrong use ends with 2 and says what to do', () => {
  it.each([
    [['repaly'], /unknown command 'repaly'\n\(Did you mean replay\?\)/],
    [['replay', '--sped', '2', 'x.pcap'], /unknown option '--sped'\n\(Did you mean --speed\?\)/],
    [['replay'], /missing required argument 'file'/],
    [['replay', 'none.pcap'], /none\.pcap: no such file/],
    [['replay', labCaptures('isis-lan3')[0]!, '--until', 'noon'], /"noon" is no time: write 2026-11-21T02:19:15Z/],
    [['replay', labCaptures('isis-lan3')[0]!, '--speed', '0'], /a positive number is needed/],
    [['routes', '10.0.0.0/33', '--data', 'nowhere'], /"10\.0\.0\.0\/33" is no prefix: write 192\.0\.2\.0\/24/],
    [['adjacencies', '--data', 'nowhere'], /there is no data in nowhere: fill it with `routewatch replay FILE --data nowhere`/],
    [['packet', 'abc'], /abc is no event_id: those look like/],
    [['up', '--config', 'none.json'], /none\.json cannot be read/],
  ])('%j', async (words, message) => {
    const { code, out, err } = await routewatch(words, { cwd: place.path('') });
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('check-config', () => {
  it('prints the defaults where there is no file, and what a file changes', async () => {
    const none = await routewatch(['check-config', '--json'], { cwd: place.path('') });
    expect(none.err).toContain('there is no routewatch.json here: these are the defaults');
    expect(JSON.parse(none.out)).toMatchObject({ data: 'routewatch-data', storePort: 8123, web: { host: '127.0.0.1', port: 8080, limits: { queryRows: 1000 } }, map: [] });
    writeFileSync(place.path('good.json'), JSON.stringify({ web: { port: 0 }, map: [{ tap: 'trunk', vlans: [10], to: { domain: 'ten' } }] }));
    const good = await routewatch(['check-config', place.path('good.json')]);
    expect(good.code).toBe(0);
    expect(good.out).toContain('[{"tap":"trunk","vlans":[10],"to":{"domain":"ten"}}]');
  });

  it('lists every mistake with its place', async () => {
    writeFileSync(place.path('bad.json'), JSON.stringify({ storePort: 70_000, colour: 'red', map: [{ vlans: [5000], to: { domain: '' } }] }));
    const { code, err } = await routewatch(['check-config', place.path('bad.json')]);
    expect(code).toBe(2);
    for (const part of ['storePort: Too big', '(top): Unrecognized key: "colour"', 'map.0.vlans.0: Too big', 'map.0.to.domain: Too small']) expect(err).toContain(part);
  });
});

it('version and doctor name every decoder and the engine', async () => {
  const versions = rowsOf(await routewatch(['version', '--json']));
  expect(versions.map(({ part }) => part)).toEqual(['routewatch', 'node', 'isis.wasm', 'ospf.wasm', 'bgp.wasm', 'link.wasm', 'routewatch.bpf.o']);
  for (const { hash } of versions.slice(2, -1)) expect(hash).toMatch(/^[0-9a-f]{16}$/);
  const doctor = rowsOf(await routewatch(['doctor', '--json']));
  expect(doctor.map(({ check }) => check)).toEqual(['runtime', 'link.wasm', 'isis.wasm', 'ospf.wasm', 'bgp.wasm', 'disk', 'memory', 'store', 'confinement']);
  expect(doctor.find(({ check }) => check === 'store')).toMatchObject({ result: 'ok', detail: expect.stringMatching(/^ClickHouse engine \d+\./) as unknown });
});
