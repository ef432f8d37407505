/** One HTTP request in ClickHouse's terms: who asks, from where, with which settings. */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { StoreConfig } from './config.ts';
import { StoreError } from './errors.ts';

/** A parsed request line and headers; the body is still unread. */
export interface StoreRequest {
  user: 'reader' | 'writer';
  /** `query` of the URL, '' if there is none. */
  query: string;
  queryId: string;
  database: string | undefined;
  defaultFormat: string;
  parameters: Map<string, string>;
  settings: Map<string, string>;
  /** `client_protocol_version`: which Native format the client reads; 0 if it says nothing. */
  protocolRevision: number;
  /** The client accepts gzip and asked for it with `enable_http_compression`. */
  compressResponse: boolean;
}

/** Parameters that steer the HTTP interface itself; those that change nothing here are ignored. */
const INTERFACE_PARAMETERS = new Set(['query', 'query_id', 'database', 'default_format', 'user',
  'password', 'quota_key', 'enable_http_compression', 'wait_end_of_query', 'buffer_size',
  'send_progress_in_http_headers', 'http_headers_progress_interval_ms', 'client_protocol_version',
  'http_write_exception_in_output_format', 'cancel_http_readonly_queries_on_client_close',
  'stacktrace', 'add_http_cors_header', 'http_zlib_compression_level', 'log_comment']);

const REFUSED_PARAMETERS = new Set(['session_id', 'session_check', 'session_timeout', 'role',
  'compress', 'decompress']);

/** Why a request's Host or Origin is refused, or undefined if it may go on (DNS rebinding). */
export function foreignSource(
  request: IncomingMessage, config: StoreConfig, port: number,
): string | undefined {
  const host = (request.headers.host ?? '').toLowerCase();
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  const listening = config.host.includes(':') ? `[${config.host}]` : config.host;
  const hosts = new Set([...names, listening].map((name) => `${name}:${port}`));
  for (const extra of config.allowedHosts) hosts.add(extra.toLowerCase());
  if (!hosts.has(host)) {
    return `The Host header "${host}" is not one of this store's. `
      + 'Use its address, or add the name to allowedHosts';
  }
  const origin = request.headers.origin?.toLowerCase();
  const site = request.headers['sec-fetch-site'];
  if (origin === undefined) {
    return site === 'cross-site' || site === 'same-site'
      ? 'A page of another site may not load from this store' : undefined;
  }
  const own = [...hosts].some((known) => origin === `http://${known}`);
  if (own || config.allowedOrigins.some((known) => known.toLowerCase() === origin)) {
    return undefined;
  }
  return `The Origin "${origin}" may not use this store. Add it to allowedOrigins if it should`;
}

/** Reads URL and headers; throws typed errors for a wrong password or an unusable parameter. */
export function parseRequest(request: IncomingMessage, writerToken: string): StoreRequest {
  const url = new URL(request.url ?? '/', 'http://store');
  const parameters = new Map<string, string>();
  const settings = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (REFUSED_PARAMETERS.has(name) && !['', '0', 'false'].includes(value)) {
      throw StoreError.of(48, `The URL parameter ${name} is not supported by the embedded store`);
    }
    if (INTERFACE_PARAMETERS.has(name) || REFUSED_PARAMETERS.has(name)) continue;
    const parameter = /^param_(\w+)$/.exec(name)?.[1];
    if (parameter !== undefined) parameters.set(parameter, value);
    else if (/^[A-Za-z_]\w*$/.test(name)) settings.set(name, value);
    else throw StoreError.of(115, `Unknown setting "${name.slice(0, 100)}"`);
  }
  return {
    user: authenticate(request, url.searchParams, writerToken),
    query: url.searchParams.get('query') ?? '',
    queryId: queryId(url.searchParams.get('query_id')),
    database: url.searchParams.get('database') ?? header(request, 'x-clickhouse-database'),
    defaultFormat: defaultFormat(request, url.searchParams),
    parameters,
    settings,
    protocolRevision: protocolRevision(url.searchParams.get('client_protocol_version')),
    compressResponse: ['1', 'true'].includes(url.searchParams.get('enable_http_compression') ?? '')
      && /\bgzip\b/.test(header(request, 'accept-encoding') ?? ''),
  };
}

function protocolRevision(given: string | null): number {
  if (given === null || /^\d{1,9}$/.test(given)) return Number(given ?? 0);
  throw StoreError.of(36, `client_protocol_version must be a number, not "${given.slice(0, 64)}"`);
}

function queryId(given: string | null): string {
  return given !== null && /^[\x21-\x7e]{1,200}$/.test(given) ? given : randomUUID();
}

function defaultFormat(request: IncomingMessage, search: URLSearchParams): string {
  const format = search.get('default_format') ?? header(request, 'x-clickhouse-format')
    ?? 'TabSeparated';
  if (/^\w{1,64}$/.test(format)) return format;
  throw StoreError.of(36, `"${format.slice(0, 64)}" is not the name of a format`);
}

/** No password: the reader. Anything else must be the writer's token. */
function authenticate(
  request: IncomingMessage, search: URLSearchParams, writerToken: string,
): 'reader' | 'writer' {
  const { user, password } = credentials(request, search);
  if (password === '' && ['', 'default', 'reader'].includes(user)) return 'reader';
  if (['', 'writer'].includes(user) && sameSecret(password, writerToken)) return 'writer';
  throw StoreError.of(516, `${user.slice(0, 64) || 'default'}: Authentication failed: password is `
    + 'incorrect, or there is no user with such name. The users are "writer" with the token that '
    + 'the store was started with, and "default" without a password');
}

function credentials(
  request: IncomingMessage, search: URLSearchParams,
): { user: string; password: string } {
  const authorization = request.headers.authorization ?? '';
  const bearer = /^Bearer (.+)$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return { user: 'writer', password: bearer };
  const basic = /^Basic (.+)$/i.exec(authorization)?.[1];
  if (basic !== undefined) {
    const [user = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    return { user, password: password.join(':') };
  }
  return {
    user: header(request, 'x-clickhouse-user') ?? search.get('user') ?? '',
    password: header(request, 'x-clickhouse-key') ?? search.get('password') ?? '',
  };
}

function sameSecret(left: string, right: string): boolean {
  return timingSafeEqual(digest(left), digest(right));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
