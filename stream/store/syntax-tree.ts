/** Reads the engine's own `EXPLAIN AST` text back into a tree, checking that it is consistent. */
import { StoreError } from './errors.ts';

/** One node of the engine's syntax tree. */
export interface SyntaxNode {
  /** The engine's name for the node, such as `SelectQuery` or `TableIdentifier`. */
  kind: string;
  /** What follows it on the line, without alias and count of children. */
  detail: string;
  children: SyntaxNode[];
}

const LINE = /^( *)([A-Za-z:]+)(?: +(.*?))?$/s;
const CHILD_COUNT = / ?\(children (\d+)\)$/;
const ALIAS = / ?\(alias [^\n]*\)$/;

/** Parses the lines of `EXPLAIN AST`; throws if they do not form one tree. */
export function parseSyntaxTree(lines: readonly string[]): SyntaxNode {
  const open: { node: SyntaxNode; expected: number }[] = [];
  let root: SyntaxNode | undefined;
  for (const line of lines) {
    const match = LINE.exec(line);
    if (!match) throw unreadable(line);
    const depth = match[1]?.length ?? 0;
    const rest = match[3] ?? '';
    const expected = Number(CHILD_COUNT.exec(rest)?.[1] ?? 0);
    const detail = rest.replace(CHILD_COUNT, '').replace(ALIAS, '').trim();
    const node: SyntaxNode = { kind: match[2] ?? '', detail, children: [] };
    if (depth > open.length || (depth === 0) !== (root === undefined)) throw unreadable(line);
    for (const closed of open.splice(depth)) checkComplete(closed);
    open.at(-1)?.node.children.push(node);
    root ??= node;
    open.push({ node, expected });
  }
  for (const closed of open) checkComplete(closed);
  if (!root) throw unreadable('');
  return root;
}

function checkComplete({ node, expected }: { node: SyntaxNode; expected: number }): void {
  if (node.children.length !== expected) throw unreadable(node.kind);
}

function unreadable(line: string): StoreError {
  return StoreError.of(497, `The query cannot be checked: its syntax tree has an unexpected line `
    + `"${line.slice(0, 100)}". Use plain names without line breaks`);
}
