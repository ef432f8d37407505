/** Errors of the store in ClickHouse's own terms, so that every client understands them. */

/** ClickHouse error codes that the front itself raises (src/Common/ErrorCodes.cpp). */
export const errorNames = {
  36: 'BAD_ARGUMENTS',
  48: 'NOT_IMPLEMENTED',
  62: 'SYNTAX_ERROR',
  115: 'UNKNOWN_SETTING',
  159: 'TIMEOUT_EXCEEDED',
  164: 'READONLY',
  202: 'TOO_MANY_SIMULTANEOUS_QUERIES',
  307: 'TOO_MANY_BYTES',
  394: 'QUERY_WAS_CANCELLED',
  446: 'FUNCTION_NOT_ALLOWED',
  497: 'ACCESS_DENIED',
  516: 'AUTHENTICATION_FAILED',
  1002: 'UNKNOWN_EXCEPTION',
} as const;

export type FrontErrorCode = keyof typeof errorNames;

/** An error that goes back to the client: code and name as ClickHouse writes them. */
export class StoreError extends Error {
  readonly code: number;
  readonly type: string;

  constructor(code: number, type: string, message: string) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
    this.type = type;
  }

  /** `message` says what happened, where, and what to try. */
  static of(code: FrontErrorCode, message: string): StoreError {
    return new StoreError(code, errorNames[code], message);
  }
}

const ENGINE_TEXT = /Code: (\d+)\. [\w:]*Exception: ([\s\S]*?)\s*\(([A-Z][A-Z0-9_]{2,})\)\s*$/;
const ENGINE_VERSION_SUFFIX = /\s*\(version [^)]*\)\.?/g;

/** Turns whatever the engine threw into a `StoreError`; the engine's own text is kept. */
export function fromEngine(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const match = ENGINE_TEXT.exec(text.trim());
  if (!match) return StoreError.of(text.includes('Query was cancelled') ? 394 : 1002, text);
  const message = (match[2] ?? '')
    .replace(ENGINE_VERSION_SUFFIX, '')
    .replace(/^(Code: \d+\. [\w:]*Exception: )+/, '')
    .replace(/(\s*\([A-Z][A-Z0-9_]{2,}\))+$/, '');
  return new StoreError(Number(match[1]), match[3] ?? errorNames[1002], message);
}

/** The body of an error response, as a ClickHouse server words it. */
export function exceptionText(error: StoreError, version: string): string {
  const message = error.message.replace(/[\s.]+$/, '');
  return `Code: ${error.code}. DB::Exception: ${message}. (${error.type}) (version ${version} (embedded))\n`;
}

const STATUS: Record<string, number> = {
  AUTHENTICATION_FAILED: 403,
  ACCESS_DENIED: 403,
  FUNCTION_NOT_ALLOWED: 403,
  READONLY: 403,
  UNKNOWN_TABLE: 404,
  UNKNOWN_FUNCTION: 404,
  UNKNOWN_IDENTIFIER: 404,
  UNKNOWN_TYPE: 404,
  UNKNOWN_DATABASE: 404,
  UNKNOWN_SETTING: 404,
  UNKNOWN_FORMAT: 404,
  SYNTAX_ERROR: 400,
  BAD_ARGUMENTS: 400,
  TYPE_MISMATCH: 400,
  INCORRECT_DATA: 400,
  UNKNOWN_QUERY_PARAMETER: 400,
  BAD_QUERY_PARAMETER: 400,
  TIMEOUT_EXCEEDED: 408,
  TOO_MANY_BYTES: 413,
  TOO_MANY_SIMULTANEOUS_QUERIES: 429,
  NOT_IMPLEMENTED: 501,
};

/** The HTTP status that goes with an error: 400 for bad input, 500 where nothing better fits. */
export function httpStatus(error: StoreError): number {
  return STATUS[error.type] ?? (error.type.startsWith('CANNOT_PARSE') ? 400 : 500);
}
