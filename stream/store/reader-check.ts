/** Decides on the engine's own syntax tree whether a reader's query is one harmless SELECT. */
import type { Connection } from './engine.ts';
import { StoreError, errorNames } from './errors.ts';
import * as lists from './reader-lists.ts';
import { isWord, quoteString, tokens } from './sql-text.ts';
import { parseSyntaxTree, type SyntaxNode } from './syntax-tree.ts';

/** A statement as the engine understood it. */
export interface Statement {
  /** The engine's own canonical text: one statement, no comments, without inline data. */
  formatted: string;
  tree: SyntaxNode;
}

/** Lets the engine parse a text; throws its syntax error, also where there is a second statement. */
export async function parseStatement(connection: Connection, sql: string): Promise<Statement> {
  if (sql.includes('\0')) throw StoreError.of(62, 'A statement cannot hold a NUL byte');
  const formatted = await formatStatement(connection, sql);
  const lines = await connection.rows(`EXPLAIN AST ${formatted}`);
  return { formatted, tree: parseSyntaxTree(lines.map(([line = '']) => line)) };
}

/** The engine's canonical form of exactly one statement; runs nothing, whatever the text holds. */
export async function formatStatement(connection: Connection, sql: string): Promise<string> {
  const found = await connection.rows(
    `SELECT formatQuerySingleLine(${quoteString(sql)}) AS text,`
    + ' isNotNull(formatQuerySingleLineOrNull(text))',
  ).catch((error: unknown) => { throw withoutScope(error); });
  const [text = '', stillOne] = found[0] ?? [];
  if (stillOne !== '1') throw StoreError.of(62, 'The statement has no canonical form: simplify it');
  return text;
}

/** Takes our own SELECT around the text out of the engine's message. */
function withoutScope(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  const end = error.message.lastIndexOf(': In scope SELECT formatQuerySingleLine(');
  return end < 0 ? error : new StoreError(error.code, error.type, error.message.slice(0, end));
}

const QUERY_ROOTS = new Set(['SelectWithUnionQuery', 'SelectIntersectExceptQuery', 'Explain',
  'ShowTables', 'ShowColumns', 'ShowFunctions', 'ShowCreateTableQuery', 'ShowCreateViewQuery',
  'DescribeQuery', 'ExistsTableQuery', 'ExistsDatabaseQuery', 'ExistsViewQuery']);

const INNER_KINDS = new Set(['SelectWithUnionQuery', 'SelectIntersectExceptQuery', 'SelectQuery',
  'ExpressionList', 'Literal', 'Identifier', 'TableIdentifier', 'Function', 'Subquery', 'Asterisk',
  'QualifiedAsterisk', 'TablesInSelectQuery', 'TablesInSelectQueryElement', 'TableExpression',
  'TableJoin', 'ArrayJoin', 'OrderByElement', 'WithElement', 'WindowDefinition',
  'WindowListElement', 'InterpolateElement', 'SampleRatio', 'ColumnsRegexpMatcher',
  'ColumnsListMatcher', 'QualifiedColumnsRegexpMatcher', 'QualifiedColumnsListMatcher',
  'ColumnsTransformerList', 'ColumnsExceptTransformer', 'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement', 'QueryParameter', 'StorageOrderByElement']);

const ADVICE: Record<string, string> = {
  Set: 'Give settings as URL parameters instead of a SETTINGS clause',
  ColumnsApplyTransformer: 'Write the columns out instead of APPLY',
};

/** The functions that a reader may call, read from the engine's own catalogue of them. */
export class AllowedFunctions {
  #exact = new Set<string>();
  #anyCase = new Set<string>();
  #combinators: string[] = [];

  /** Reads `system.functions`, SQL functions that the writer made among them. */
  async load(connection: Connection): Promise<void> {
    const functions = await readFunctions(connection);
    const byName = new Map(functions.map((row) => [row.name, row]));
    const exact = new Set(lists.functionExceptions);
    const anyCase = new Set<string>();
    for (const row of functions) {
      const meaning = byName.get(row.aliasTo) ?? row;
      if (!isHarmless(meaning) || lists.functionRefusals.includes(row.name)) continue;
      exact.add(row.name);
      if (row.anyCase) anyCase.add(row.name.toLowerCase());
    }
    const combinators = await connection.rows(
      'SELECT name FROM system.aggregate_function_combinators');
    this.#exact = exact;
    this.#anyCase = anyCase;
    this.#combinators = combinators.map(([name = '']) => name);
  }

  /** Looks whether the writer has made an SQL function of this name since `load`. */
  async learn(connection: Connection, name: string): Promise<boolean> {
    const found = await connection.rows('SELECT name FROM system.functions '
      + `WHERE origin = 'SQLUserDefined' AND name = ${quoteString(name)}`);
    if (found.length > 0) this.#exact.add(name);
    return found.length > 0;
  }

  /** Whether the name is an allowed function, also with aggregate combinators (`sumIf`). */
  has(name: string): boolean {
    let rest = name;
    for (let round = 0; round < 8; round++) {
      if (this.#exact.has(rest) || this.#anyCase.has(rest.toLowerCase())) return true;
      const suffix = this.#combinators.find((known) => rest.endsWith(known) && rest !== known);
      if (suffix === undefined) return false;
      rest = rest.slice(0, -suffix.length);
    }
    return false;
  }
}

interface FunctionRow {
  name: string;
  aggregate: boolean;
  categories: string;
  anyCase: boolean;
  aliasTo: string;
  origin: string;
}

async function readFunctions(connection: Connection): Promise<FunctionRow[]> {
  const rows = await connection.rows('SELECT name, is_aggregate, categories, case_insensitive,'
    + ' alias_to, origin FROM system.functions');
  return rows.map(([name = '', aggregate, categories = '', anyCase, aliasTo = '', origin = '']) => ({
    name, aggregate: aggregate === '1', categories, anyCase: anyCase === '1', aliasTo, origin,
  }));
}

function isHarmless(row: FunctionRow): boolean {
  if (row.origin !== 'System') return row.origin === 'SQLUserDefined';
  return row.aggregate
    || lists.functionExceptions.includes(row.name)
    || lists.functionCategories.includes(row.categories);
}

/** A function that the lists do not know; the caller may `learn` its name and check again. */
export class UnknownFunction extends StoreError {
  readonly functionName: string;

  constructor(functionName: string) {
    super(446, errorNames[446], `A reader may not call the function ${functionName}(): `
      + 'it reaches outside the data, or is not known');
    this.functionName = functionName;
  }
}

/** Throws unless the statement is one query that a reader may run. */
export function checkReaderStatement(statement: Statement, functions: AllowedFunctions): void {
  const { tree, formatted } = statement;
  if (!QUERY_ROOTS.has(tree.kind)) {
    throw StoreError.of(164, `A reader may only query: ${tree.kind} is refused. `
      + 'Use SELECT, SHOW, DESCRIBE, EXISTS or EXPLAIN, or the user "writer" with its token');
  }
  for (const token of tokens(formatted)) {
    if (isWord(token, 'OUTFILE')) throw refused('INTO OUTFILE', OUTFILE_ADVICE);
    if (token.kind === 'name' && /\\[nr0ftbv]|\p{Cc}/u.test(token.text)) {
      throw refused('a name with a line break or control character in it');
    }
  }
  checkOutfile(tree);
  if (SHOW_LISTS.has(tree.kind)) checkShow(formatted);
  visit(tree, undefined, functions);
}

/** SHOW statements that make lists: the engine's tree leaves out their WHERE, and runs it. */
const SHOW_LISTS = new Set(['ShowTables', 'ShowColumns', 'ShowFunctions']);

const SHOW_FORM = new RegExp([
  String.raw`^SHOW (?:(?:FULL|EXTENDED|TEMPORARY) )*`,
  '(?:TABLES|DATABASES|DICTIONARIES|COLUMNS|INDEXES|FUNCTIONS)',
  String.raw`(?: FROM (?:\w+|\x60(?:[^\x60\\]|\\.)*\x60)){0,2}`,
  String.raw`(?: (?:NOT )?I?LIKE '(?:[^'\\]|\\.)*')?(?: LIMIT \d+)?(?: FORMAT \w+)?$`,
].join(''));

/** Only the whole of the engine's canonical text in its simplest form passes. */
function checkShow(formatted: string): void {
  if (SHOW_FORM.test(formatted)) return;
  throw refused('this form of SHOW',
    "Use FROM, LIKE '...' and LIMIT only, or a SELECT over system.tables or system.columns");
}

const OUTFILE_ADVICE = 'Take the rows from the response';

/** `INTO OUTFILE` is a literal child of the query itself, where nothing else is one. */
function checkOutfile(query: SyntaxNode): void {
  if (query.children.some((child) => child.kind === 'Literal')) {
    throw refused('INTO OUTFILE', OUTFILE_ADVICE);
  }
}

function visit(node: SyntaxNode, parent: SyntaxNode | undefined, functions: AllowedFunctions): void {
  if (parent !== undefined) checkNode(node, parent, functions);
  if (node.kind.startsWith('Show') || node.kind.startsWith('Exists')) return;
  for (const child of node.children) visit(child, node, functions);
}

function checkNode(node: SyntaxNode, parent: SyntaxNode, functions: AllowedFunctions): void {
  const settingsOfExplain = node.kind === 'Set' && parent.kind === 'Explain';
  if (!INNER_KINDS.has(node.kind) && !settingsOfExplain) {
    throw refused(node.kind, ADVICE[node.kind]);
  }
  if (node.kind === 'SelectWithUnionQuery') checkOutfile(node);
  if (node.kind === 'Function') checkFunction(node, parent, functions);
  if (node.kind === 'TableIdentifier' || node.kind === 'Identifier') checkTable(node.detail);
}

function checkFunction(node: SyntaxNode, parent: SyntaxNode, functions: AllowedFunctions): void {
  const name = node.detail;
  if (parent.kind === 'TableExpression') {
    if (lists.tableFunctions.includes(name) || isViewName(name)) return;
    throw refused(`the table function ${name}()`,
      `Allowed are ${lists.tableFunctions.join(', ')}`);
  }
  if (functions.has(name)) return;
  throw new UnknownFunction(name);
}

/** `database.view(name = value)`: a view with parameters; no table function has a dot in its name. */
function isViewName(name: string): boolean {
  return /^\w+\.\w+$/.test(name) && !name.toLowerCase().startsWith('system.');
}

function checkTable(identifier: string): void {
  const [database = '', table = ''] = identifier.split('.');
  if (database.toLowerCase() !== 'system' || table === '') return;
  if (lists.systemTables.includes(table)) return;
  throw refused(`the table system.${table}`,
    `Of the database system a reader may use ${lists.systemTables.join(', ')}`);
}

function refused(what: string, advice?: string): StoreError {
  return StoreError.of(497, `A reader may not use ${what}.${advice ? ` ${advice}` : ''}`);
}
