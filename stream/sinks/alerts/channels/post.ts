/** One POST with an end: what every channel over HTTP needs, and no more. */
import { readFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Of a receiver's answer so much is read. */
const MOST_ANSWER_BYTES = 4096;

export interface PostOptions {
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly caFile: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Resolves with the answer's text when it was 2xx; else rejects, and says where and what was answered. A redirect is no
 * acknowledgement: nothing follows it, since the token would go along.
 */
export function post({ url, body, headers, caFile, timeoutMs, signal }: PostOptions): Promise<string> {
  const where = new URL(url);
  const timed = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const isTls = where.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      const why = signal.aborted ? 'broken off' : timed.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error);
      reject(new Error(`${where.origin}: ${why}`, { cause: error }));
    };
    const request = (isTls ? requestHttps : requestHttp)(where, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'routewatch', ...headers },
      signal: timed,
      agent: false,
      ...(isTls && caFile !== undefined ? { ca: readFileSync(caFile) } : {}),
    }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('error', fail)
        .on('data', (piece: string) => { answer = (answer + piece).slice(0, MOST_ANSWER_BYTES); })
        .on('end', () => {
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve(answer);
          else reject(new Error(`${where.origin} answered ${status} ${response.statusMessage ?? ''}: ${answer.trim().slice(0, 300)}`));
        });
    });
    request.on('error', fail).end(body);
  });
}

/** Of several addresses that were tried Node tells the reasons in `errors` only. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
