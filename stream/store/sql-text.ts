/** Quoting for SQL that we write, and the words of SQL that the engine has already formatted. */

/** `text` as an SQL string literal. */
export function quoteString(text: string): string {
  const escaped = text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\0/g, '\\0');
  return `'${escaped}'`;
}

/** `name` as a quoted SQL identifier. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replace(/\\/g, '\\\\').replace(/`/g, '\\`')}\``;
}

/** One word, literal, quoted name or sign of a statement, with its place and bracket depth. */
export interface Token {
  kind: 'word' | 'string' | 'name' | 'sign';
  text: string;
  start: number;
  end: number;
  /** How many brackets are open around it; an opening bracket counts as outside. */
  depth: number;
}

const TOKEN = new RegExp([
  String.raw`(?<space>\s+|--[^\n]*|/\*[\s\S]*?\*/)`,
  String.raw`(?<string>'(?:[^'\\]|\\[\s\S]|'')*')`,
  String.raw`(?<name>\x60(?:[^\x60\\]|\\[\s\S]|\x60\x60)*\x60|"(?:[^"\\]|\\[\s\S]|"")*")`,
  String.raw`(?<word>[\p{L}\p{N}_$]+)`,
  String.raw`(?<sign>[\s\S])`,
].join('|'), 'uy');

/** Splits a statement into tokens, comments and blanks left out. Never used to decide what is safe. */
export function* tokens(sql: string): Generator<Token> {
  const pattern = new RegExp(TOKEN);
  let depth = 0;
  for (let match = pattern.exec(sql); match?.groups; match = pattern.exec(sql)) {
    const { space, string, name, word } = match.groups;
    if (space !== undefined) continue;
    const text = match[0];
    if (text === ')' || text === ']' || text === '}') depth--;
    const kind = string !== undefined ? 'string'
      : name !== undefined ? 'name'
        : word !== undefined ? 'word' : 'sign';
    yield { kind, text, start: match.index, end: pattern.lastIndex, depth };
    if (text === '(' || text === '[' || text === '{') depth++;
  }
}

/** Whether a token is the given keyword, in either case. */
export function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === word;
}

/** The first word of a statement in capitals, or '' where it begins with something else. */
export function firstWord(sql: string): string {
  for (const token of tokens(sql)) {
    if (token.text === '(') continue;
    return token.kind === 'word' ? token.text.toUpperCase() : '';
  }
  return '';
}

/** The name in the `FORMAT` clause at the end of a formatted statement, with its place. */
export function formatClause(sql: string): { name: string; start: number; end: number } | undefined {
  const all = [...tokens(sql)].filter((token) => token.depth === 0);
  for (let index = all.length - 2; index >= 0; index--) {
    const [word, name, next] = all.slice(index, index + 3);
    if (!word || name?.kind !== 'word' || !isWord(word, 'FORMAT')) continue;
    if (next === undefined || isWord(next, 'SETTINGS')) {
      return { name: name.text, start: word.start, end: name.end };
    }
  }
  return undefined;
}
