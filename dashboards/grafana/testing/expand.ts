/** Expands a query as Grafana and its ClickHouse plugin do before they send it; the plugin's own code cannot be had here. */

/** The range that the time picker shows, and the length of one point. */
export interface QueryRange {
  /** ms since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly intervalMs: number;
}

/** Values of the dashboard's variables: a list for those that hold several, `All` as Grafana says it. */
export type VariableValues = Readonly<Record<string, string | readonly string[]>>;

export const ALL = ['$__all'] as const;

/** The browser's part: `$__conditionalAll`, then variables; what is no variable stays. */
export function expandVariables(sql: string, values: VariableValues): string {
  const pattern = /\$\{(\w+)(?::(\w+))?\}|\$(\w+)/g;
  return conditionalAll(sql, values).replace(pattern, (whole, braced: string | undefined, format: string | undefined, plain: string | undefined) => {
    const value = values[braced ?? plain ?? ''];
    if (value === undefined) return whole;
    if (format === undefined) return typeof value === 'string' ? value : `'${value.join("','")}'`;
    if (format !== 'sqlstring') throw new Error(`variable format ${format} is not known to this test: use :sqlstring`);
    return (typeof value === 'string' ? [value] : value).map((text) => `'${text.replaceAll("'", "''")}'`).join(',');
  });
}

/** `$__conditionalAll(condition, $variable)`, innermost of the last first, as the plugin replaces it. */
function conditionalAll(sql: string, values: VariableValues): string {
  const macro = '$__conditionalAll(';
  let text = sql;
  for (let at = text.lastIndexOf(macro); at !== -1; at = text.lastIndexOf(macro)) {
    const { args, length } = splitArguments(text.slice(at + macro.length - 1));
    if (args.length !== 2) throw new Error(`$__conditionalAll takes two arguments: ${text.slice(at, at + 80)}`);
    const name = /(?<=\$\{)\w+(?=\})|(?<=\$)\w+/.exec(args[1]!)?.[0] ?? '';
    const value = values[name];
    if (value === undefined) throw new Error(`$__conditionalAll names ${name}, which is no variable of the dashboard`);
    const all = value.toString() === '' || value.toString() === '$__all';
    text = text.slice(0, at) + (all ? '1=1' : args[0]!) + text.slice(at + macro.length - 1 + length);
  }
  return text;
}

type Macro = (args: readonly string[], range: QueryRange) => string;

const seconds = (ms: number): string => `toDateTime(${Math.floor(ms / 1000)})`;
const milliseconds = (ms: number): string => `fromUnixTimestamp64Milli(${ms})`;
const intervalSeconds = (range: QueryRange): number => Math.max(1, Math.floor(range.intervalMs / 1000));

function one(args: readonly string[]): string {
  if (args.length !== 1) throw new Error(`a macro takes one argument and got ${args.length}: ${args.join(', ')}`);
  return args[0]!;
}

/** The plugin's macros that our queries may use; any other one is an error. */
const macros: Readonly<Record<string, Macro>> = {
  fromTime: (_, range) => seconds(range.from),
  toTime: (_, range) => seconds(range.to),
  fromTime_ms: (_, range) => milliseconds(range.from),
  toTime_ms: (_, range) => milliseconds(range.to),
  timeFilter: (args, range) => `${one(args)} >= ${seconds(range.from)} AND ${one(args)} <= ${seconds(range.to)}`,
  timeFilter_ms: (args, range) => `${one(args)} >= ${milliseconds(range.from)} AND ${one(args)} <= ${milliseconds(range.to)}`,
  timeInterval: (args, range) => `toStartOfInterval(toDateTime(${one(args)}), INTERVAL ${intervalSeconds(range)} second)`,
  timeInterval_ms: (args, range) => `toStartOfInterval(toDateTime64(${one(args)}, 3), INTERVAL ${Math.max(1, range.intervalMs)} millisecond)`,
  interval_s: (_, range) => String(intervalSeconds(range)),
};

/** The backend's part: macros with their arguments. */
export function expandMacros(sql: string, range: QueryRange): string {
  let text = '';
  let rest = sql;
  for (let found = /\$__(\w+)/.exec(rest); found !== null; found = /\$__(\w+)/.exec(rest)) {
    const macro = macros[found[1]!];
    if (macro === undefined) throw new Error(`$__${found[1]!} is no macro of the plugin that this test knows`);
    const behind = rest.slice(found.index + found[0].length);
    const { args, length } = behind.startsWith('(') ? splitArguments(behind) : { args: [], length: 0 };
    text += rest.slice(0, found.index) + macro(args.map((arg) => arg.trim()), range);
    rest = behind.slice(length);
  }
  return text + rest;
}

/** Arguments of a call that begins with its bracket, split at commas of its own level, and the length of it all. */
function splitArguments(call: string): { args: string[]; length: number } {
  const args: string[] = [];
  let depth = 0;
  let begin = 1;
  for (let at = 0; at < call.length; at++) {
    const sign = call[at];
    if (sign === '(') depth += 1;
    if (sign === ')') depth -= 1;
    if ((sign === ',' && depth === 1) || depth === 0) {
      args.push(call.slice(begin, at));
      begin = at + 1;
    }
    if (depth === 0) return { args, length: at + 1 };
  }
  throw new Error(`a bracket is not closed: ${call.slice(0, 80)}`);
}
