/** The application: headers, guard, API routes, the page's files, errors; top to bottom. */
import { join } from 'node:path';
import express, { type Express, type Response } from 'express';
import helmet from 'helmet';
import type { z } from 'zod';
import type { WebConfig } from './config.ts';
import type { EventStreams } from './events.ts';
import { guard } from './guard.ts';
import { inputs } from './inputs.ts';
import { openApi, type ReadRoute } from './openapi.ts';
import { answerError, Problem } from './problem.ts';
import type { PageStore } from './store.ts';

/** Nothing inline, nothing from elsewhere, and no text is ever made into markup. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
    requireTrustedTypesFor: ["'script'"],
    trustedTypes: ["'none'"],
  },
};

/** Builds the express application; it listens nowhere yet. */
export function makeApp(
  config: WebConfig, store: PageStore, streams: EventStreams, names: () => ReadonlySet<string>,
): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(helmet({ contentSecurityPolicy, strictTransportSecurity: false, referrerPolicy: { policy: 'no-referrer' } }));
  app.use(guard(names));
  app.use('/api', makeApi(config, store, streams));
  app.use(express.static(join(import.meta.dirname, 'browser'), { cacheControl: false, setHeaders: revalidate }));
  app.use(() => { throw new Problem(404, 'Not found', 'There is nothing here. The page is at /, its API under /api/'); });
  app.use(answerError);
  return app;
}

function makeApi(config: WebConfig, store: PageStore, streams: EventStreams): express.Router {
  const schemas = inputs(config.limits.listRows);
  const api = express.Router();
  api.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  const routes: ReadRoute[] = [];
  const read = <T extends z.ZodObject>(
    path: string, summary: string, schema: T, answer: (asked: z.infer<T>, signal: AbortSignal) => Promise<unknown>,
  ): void => {
    routes.push({ path, summary, schema });
    api.get(path, async (request, response) => {
      response.json(await answer(schema.parse(request.query), goneSignal(response)));
    });
  };
  read('/adjacencies', 'Each view of a neighbour as it is now', schemas.list, (asked, signal) => store.adjacencies(asked, signal));
  read('/sessions', 'Each view of a BGP session as it is now', schemas.list, (asked, signal) => store.sessions(asked, signal));
  read('/routes', 'Current paths that cover a prefix, and its more specifics', schemas.routes, (asked, signal) => store.routes(asked, signal));
  read('/neighbor-counts', 'Neighbour counts where they changed', schemas.counts, (asked, signal) => store.neighborCounts(asked, signal));
  read('/timeline', 'All that happened, newest first', schemas.timeline, (asked, signal) => store.timeline(asked, signal));
  read('/coverage', 'What the taps could see, newest first', schemas.list, (asked, signal) => store.coverage(asked, signal));
  read('/cookbook', 'Questions in SQL', schemas.nothing, () => Promise.resolve({ rows: config.cookbook, more: false }));
  const document = openApi(routes, schemas);
  api.get('/openapi.json', (_request, response) => { response.json(document); });
  api.get('/events', (request, response) => streams.open(request, response));
  api.post('/query', express.json({ limit: '128kb' }), async (request, response) => {
    if (request.is('application/json') === false) {
      throw new Problem(415, 'Unsupported Media Type', 'Send {"sql": "SELECT ..."} as application/json');
    }
    const { sql } = schemas.query.parse(request.body);
    response.json(await store.query(sql, goneSignal(response)));
  });
  return api;
}

/** Aborts when the page goes away before it has its answer. */
function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

function revalidate(response: Response): void {
  response.setHeader('Cache-Control', 'no-cache');
}
