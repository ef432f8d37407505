/** The units by systemd's own checks; that their filters allow what the programs do is in infra/images/roles.test.ts. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingCapabilities } from '../../collectors/loader/capabilities.ts';
import { because, run, systemdLacking } from '../dev/checks/tools.ts';
import { roles } from '../images/roles.ts';
import { badWords } from '../images/words.ts';

const here = import.meta.dirname;
const units = readdirSync(here).filter((name) => name.endsWith('.service'));
const textOf = (unit: string): string => readFileSync(join(here, unit), 'utf8');
const lacking = systemdLacking();
if (lacking !== undefined) console.warn(`not run: the units by systemd: ${lacking}`);

/** `systemd-analyze security` gives 0 (safe) to 10: the collector has capabilities, and sees the host's network. */
const MOST_EXPOSED: Readonly<Record<string, number>> = { 'routewatch-collector.service': 2.4 };
const MOST = 1.6;

describe.skipIf(lacking !== undefined)(`units${because(lacking)}`, () => {
  const root = mkdtempSync(join(tmpdir(), 'routewatch-units-'));
  afterAll(() => { rmSync(root, { recursive: true, force: true }); });
  const installed = join(root, 'etc/systemd/system');
  beforeAll(() => {
    mkdirSync(installed, { recursive: true });
    for (const unit of units) {
      copyFileSync(join(here, unit), join(installed, unit));
      const program = join(root, commandOf(unit)[0]!);
      mkdirSync(dirname(program), { recursive: true });
      writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    }
    for (const target of ['network', 'network-online', 'multi-user', 'sysinit', 'basic', 'shutdown']) writeFileSync(join(installed, `${target}.target`), `[Unit]\nDescription=${target}\n`);
  });
  /** Verify says what is wrong and ends with 0 all the same. */
  const verified = (unit: string): string => {
    const { out, err } = run('systemd-analyze', ['verify', '--man=no', `--root=${root}`, unit]);
    return `${out}${err}`;
  };

  it.each(units)('%s is understood whole, and hardened', (unit) => {
    expect(verified(unit)).toBe('');
    const { out } = run('systemd-analyze', ['security', '--offline=true', `--root=${root}`, unit]);
    const [, exposure = '10'] = /exposure level for \S+: ([\d.]+)/.exec(out) ?? [];
    expect(Number(exposure)).toBeLessThanOrEqual(MOST_EXPOSED[unit] ?? MOST);
  });

  it('the check does check', () => {
    writeFileSync(join(installed, 'bad.service'), textOf('routewatch-sink.service').replace('NoNewPrivileges', 'NoNewPrivilege'));
    expect(verified('bad.service')).toMatch(/NoNewPrivilege/);
  });
});

describe('units', () => {
  it('start our commands by options that they have, from where the packages are unpacked', () => {
    for (const unit of units) {
      const [program = '', ...words] = commandOf(unit);
      expect(badWords(words), unit).toEqual([]);
      const role = roles.find((one) => one.units.includes(unit));
      expect(program).toBe(`/opt/routewatch-${role?.name}/bin/routewatch`);
    }
  });

  it('give the collector what its loader asks for and nothing more, and nobody else anything', () => {
    for (const unit of units) {
      const [, bounding] = /^CapabilityBoundingSet=(.*)$/m.exec(textOf(unit)) ?? [];
      const isCollector = basename(unit) === 'routewatch-collector.service';
      expect(bounding?.split(' ').filter((name) => name !== '').toSorted(), unit).toEqual(isCollector ? missingCapabilities({ namespaces: false, promiscuous: false }, 0n).toSorted() : []);
      expect(/^AmbientCapabilities=(.*)$/m.exec(textOf(unit))?.[1], unit).toBe(isCollector ? bounding : undefined);
    }
  });

  it('have no secret in them, nor in the environment', () => {
    for (const unit of units) expect(textOf(unit)).not.toMatch(/^(Environment|SetCredential)/m);
  });
});

function commandOf(unit: string): string[] {
  return /^ExecStart=(.+)$/m.exec(textOf(unit))![1]!.split(' ');
}
