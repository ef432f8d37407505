/** Writes every generated file beside its consumer: `npm run generate`. CI checks that nothing changes. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { grafanaFiles } from '../../dashboards/grafana/files.ts';
import { eventsPage } from './generate/events-page.ts';
import { frameFiles } from './generate/frame.ts';
import { layoutFile } from './generate/layouts.ts';
import { migrationFile } from './generate/migrations.ts';
import { otelMapping } from './generate/otel.ts';
import { rowWriters } from './generate/row-writers.ts';
import { stateFile } from './generate/state.ts';
import { tableData } from './generate/tables.ts';

export const root = join(import.meta.dirname, '..', '..');

/** Path (from the root) to content of every generated file. */
function generatedFiles(): Map<string, string> {
  const header = readFileSync(join(root, 'bpf/frame.h'), 'utf8');
  return new Map([...frameFiles(header), ...stateFile(readFileSync(join(root, 'bpf/state.h'), 'utf8')), ...rowWriters(), ...layoutFile(), ...tableData(), ...migrationFile(), ...otelMapping(), ...eventsPage(), ...grafanaFiles()]);
}

for (const [path, content] of generatedFiles()) {
  const file = join(root, path);
  // What is as it was keeps its time: modules are built again only for what is newer.
  if (existsSync(file) && readFileSync(file, 'utf8') === content) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
