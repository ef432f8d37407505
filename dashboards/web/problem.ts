/** Errors as `application/problem+json` (RFC 9457): what happened, and what to try. */
import { STATUS_CODES } from 'node:http';
import { ClickHouseError } from '@clickhouse/client';
import type { NextFunction, Request, Response } from 'express';
import { z } from 'zod';
import { sameRequestId } from './request-id.ts';

const LONGEST_DETAIL = 2000;

/** An error that goes back to who asked, with an HTTP status. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly title: string;
  /** Further members of the answer, such as the store's own error code. */
  readonly extra: Readonly<Record<string, string>>;

  constructor(status: number, title: string, detail: string, extra: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.status = status;
    this.title = title;
    this.extra = extra;
  }
}

/** Writes a problem; an answer that has begun already is cut off, so that nobody takes it for whole. */
export function sendProblem(response: Response, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.status(problem.status).type('application/problem+json').send(JSON.stringify({
    type: 'about:blank',
    title: problem.title,
    status: problem.status,
    detail: problem.message,
    request_id: sameRequestId(response),
    ...problem.extra,
  }));
}

/** The last handler of the application: every error that a route throws becomes a problem. */
export function answerError(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  sendProblem(response, toProblem(error));
}

/** Turns whatever was thrown into a problem; what we do not know is not told to the outside. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof z.ZodError) {
    return new Problem(400, 'This request is not understood', z.prettifyError(error));
  }
  if (error instanceof ClickHouseError) {
    return new Problem(storeStatus(error), 'The store refused the query', shortened(error.message),
      { code: error.code, name: error.type ?? 'UNKNOWN' });
  }
  const status = clientErrorStatus(error);
  if (status !== undefined) {
    const detail = error instanceof Error ? error.message : String(error);
    return new Problem(status, STATUS_CODES[status] ?? 'Bad Request', detail);
  }
  if (isConnectionError(error)) {
    return new Problem(503, 'The store cannot be reached',
      'The store does not answer. It may be starting; `routewatch doctor` says what is wrong');
  }
  if (error instanceof Error && /timeout error/i.test(error.message)) {
    return new Problem(504, 'The store took too long', 'Ask for less: a shorter time, one router, a LIMIT');
  }
  return new Problem(500, 'Something went wrong here', 'The server could not answer this request');
}

/** The engine may repeat a whole query in its message. */
function shortened(text: string): string {
  return text.length > LONGEST_DETAIL ? `${text.slice(0, LONGEST_DETAIL)}…` : text;
}

const REFUSALS = new Set(['ACCESS_DENIED', 'FUNCTION_NOT_ALLOWED', 'READONLY']);

function storeStatus(error: ClickHouseError): number {
  const name = error.type ?? '';
  if (REFUSALS.has(name)) return 403;
  if (name === 'TIMEOUT_EXCEEDED') return 408;
  if (name === 'TOO_MANY_SIMULTANEOUS_QUERIES') return 429;
  return 422;
}

/** express and its parsers mark errors of the client with `status` (and `expose`). */
function clientErrorStatus(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}

const CONNECTION_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);

/** Whether the store was not there, or went away in the middle. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return CONNECTION_CODES.has(code) || /socket hang up/i.test(error.message);
}
