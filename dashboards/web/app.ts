/** The application: headers, guard, API routes, the page's files, errors; top to bottom. */
import { join } from 'node:path';
import express, { type Express, type Response } from 'express';
import helmet from 'helmet';
import { base } from './api/openapi.ts';
import type { Services } from './api/resource.ts';
import { makeApi } from './api/router.ts';
import { guard } from './guard.ts';
import { answerError, Problem } from './problem.ts';
import { requestId } from './request-id.ts';

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
export function makeApp(services: Services, names: () => ReadonlySet<string>): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(helmet({ contentSecurityPolicy, strictTransportSecurity: false, referrerPolicy: { policy: 'no-referrer' } }));
  app.use(requestId);
  app.use(guard(names, new Set(services.config.allowedOrigins)));
  app.use([base, '/api'], makeApi(services));
  app.use(express.static(join(import.meta.dirname, 'browser'), { cacheControl: false, setHeaders: revalidate }));
  app.use('/runbooks', express.static(join(import.meta.dirname, '..', 'runbooks'), { cacheControl: false, index: false, setHeaders: asText }));
  app.use(() => { throw new Problem(404, 'Not found', 'There is nothing here. The page is at /, its API under /api/v1/'); });
  app.use(answerError);
  return app;
}

/** Runbooks are read as they are. */
function asText(response: Response): void {
  revalidate(response);
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
}

function revalidate(response: Response): void {
  response.setHeader('Cache-Control', 'no-cache');
}
