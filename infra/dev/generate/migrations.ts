/** From the catalogue the numbered migrations of both kinds of store. */
import { literal } from './tables.ts';
import { alertViews } from './ddl/alerts.ts';
import { addedColumns, currentTables, eventTables } from './ddl/events.ts';
import { expectedCounts, functions, inventory, ledger } from './ddl/plain.ts';
import { grafanaViews } from './ddl/grafana.ts';
import { timelineViews } from './ddl/timeline.ts';
import { topologyViews } from './ddl/topology.ts';
import { currentViews, identities, routeViews } from './ddl/views.ts';
import type { Mode } from './ddl/engine.ts';

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** Every migration of a mode, in order. */
export function migrations(mode: Mode): Migration[] {
  const steps: [string, string[]][] = [
    ['SQL functions', functions(mode)],
    ['inventory', [...inventory(mode), ...expectedCounts(mode)]],
    ['event tables', eventTables(mode)],
    ['current rows', currentTables(mode)],
    ['ledger of the sink', ledger(mode)],
    ['views', [...identities(mode), ...currentViews(mode), ...topologyViews(mode), ...timelineViews(mode)]],
    ['reasons of topology changes and names', addedColumns(mode, 7)],
    ['reasons of attribute sets', [...addedColumns(mode, 8), ...routeViews(mode)]],
    ['Grafana: graphs apart by domain, what was at a time', grafanaViews(mode)],
    ['alerts', [...eventTables(mode, 10), ...currentTables(mode, 10), ...alertViews(mode)]],
    ['changes of operators', eventTables(mode, 11)],
  ];
  return steps.map(([name, statements], index) => ({ number: index + 1, name, statements }));
}

/** The generated file by path. */
export function migrationFile(): Map<string, string> {
  const text = `// Generated from decoders-wasm/catalogue and infra/dev/generate/ddl by \`npm run generate\`; do not edit.

export interface Migration {
  /** From 1, without gaps. */
  number: number;
  name: string;
  statements: string[];
}

/** For one process on one machine: MergeTree. */
export const embeddedMigrations: Migration[] = [
${migrations('embedded').map(migrationText).join('')}];

/** For a cluster with the macros {cluster}, {shard} and {replica}: ReplicatedMergeTree and Distributed. */
export const clusterMigrations: Migration[] = [
${migrations('cluster').map(migrationText).join('')}];
`;
  return new Map([['stream/sinks/clickhouse/generated/migrations.ts', text]]);
}

function migrationText(migration: Migration): string {
  const statements = migration.statements.map((statement) => `      ${template(statement)},\n`);
  return `  {
    number: ${migration.number},
    name: ${literal(migration.name)},
    statements: [
${statements.join('')}    ],
  },
`;
}

function template(text: string): string {
  return `\`${text.replaceAll('\\', '\\\\').replaceAll('`', '\\`').replaceAll('${', '\\${')}\``;
}
