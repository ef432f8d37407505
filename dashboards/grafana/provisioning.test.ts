/** The files of provisioning/: well-formed YAML and JSON of the documented fields, current, with a runbook for each rule. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { because, pythonLacking, readYaml } from '../../infra/dev/checks/tools.ts';
import { toYaml } from './kit/yaml.ts';
import { engineRules } from './rules/engine.ts';
import { grafanaFiles } from './files.ts';
import { alerting, dataSources, providers } from './testing/provisioning-schema.ts';

const root = join(import.meta.dirname, '../..');
const files = grafanaFiles();
const lacking = pythonLacking();
if (lacking !== undefined) console.warn(`not run: provisioning files read by another YAML reader: ${lacking}`);

const schemaOf = (path: string): typeof alerting | typeof dataSources | typeof providers =>
  (path.includes('/alerting/') ? alerting : path.includes('/datasources/') ? dataSources : providers);
const yamlFiles = [...files].filter(([path]) => path.endsWith('.yaml'));

describe('provisioning', () => {
  it('is as `make generate` writes it', () => {
    for (const [path, content] of files) expect(readFileSync(join(root, path), 'utf8'), path).toBe(content);
  });

  it.skipIf(lacking !== undefined).each(yamlFiles)(`%s has the documented fields and no others${because(lacking)}`, (path, text) => {
    const [document, ...rest] = readYaml(text);
    expect(rest).toEqual([]);
    expect(schemaOf(path).safeParse(document).error?.issues ?? []).toEqual([]);
  });

  it.skipIf(lacking !== undefined)(`has a runbook page for each rule, and an id for each${because(lacking)}`, () => {
    const rules = yamlFiles.filter(([path]) => path.includes('/alerting/')).flatMap(([, text]) => alerting.parse(readYaml(text)[0]).groups.flatMap((group) => group.rules));
    expect(rules.length).toBeGreaterThan(6);
    expect(new Set(rules.map((rule) => rule.uid)).size).toBe(rules.length);
    for (const { annotations, uid } of rules) {
      if (engineRules.rules.some(({ name }) => uid === `routewatch-${name}`)) {
        expect(annotations['runbook_url']).toBe('${ROUTEWATCH_RUNBOOKS}/{{ $labels.alert_rule }}.md');
        continue;
      }
      const page = /^\$\{ROUTEWATCH_RUNBOOKS\}\/([\w-]+\.md)$/.exec(annotations['runbook_url'] ?? '')?.[1];
      expect(page, annotations['runbook_url']).toBeDefined();
      expect(existsSync(join(root, 'dashboards/runbooks', page!)), `dashboards/runbooks/${page!}`).toBe(true);
    }
  });
});

describe('the YAML writer', () => {
  const awkward = {
    plain: 'a', empty: '', quoted: 'it\'s "so": # no comment', truth: 'yes', number: '1', real: 1.5, nothing: null, list: ['a', 'b: c', ['d']], none: [], block: 'first\n  indented\n\nlast: x',
    nested: [{ a: { b: [{ c: 'two\nlines', d: true }] } }, { e: 1 }],
  };

  it.skipIf(lacking !== undefined)(`writes what another reader reads back${because(lacking)}`, () => {
    expect(readYaml(toYaml(awkward))).toEqual([awkward]);
  });
});
