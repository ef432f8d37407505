/** What the API takes, as OpenAPI 3.1: made from the schemas that check each request. */
import { z } from 'zod';
import type { inputs } from './inputs.ts';

/** One route that reads. */
export interface ReadRoute {
  readonly path: string;
  readonly summary: string;
  readonly schema: z.ZodObject;
}

/** The document of these routes, of the stream and of queries. */
export function openApi(routes: readonly ReadRoute[], schemas: ReturnType<typeof inputs>): object {
  const paths: Record<string, object> = {
    '/api/events': { get: {
      summary: 'Server-sent events: `snapshot` (the newest), then `changes`; `dropped` before a slow page is cut off',
      responses: { 200: { description: 'The stream', content: { 'text/event-stream': {} } }, ...problem },
    } },
    '/api/query': { post: {
      summary: 'One SELECT as the reader of the store',
      requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(schemas.query) } } },
      responses: answer('Columns and rows'),
    } },
  };
  for (const { path, summary, schema } of routes) {
    paths[`/api${path}`] = { get: { summary, parameters: parametersOf(schema), responses: answer('Rows, and whether there are more') } };
  }
  return { openapi: '3.1.0', info: { title: 'RouteWatch page', version: '1' }, paths };
}

const problem = { default: { description: 'A problem (RFC 9457)', content: { 'application/problem+json': {} } } };

function answer(description: string): object {
  return { 200: { description, content: { 'application/json': {} } }, ...problem };
}

function parametersOf(schema: z.ZodObject): object[] {
  return Object.entries(schema.shape).map(([name, type]) => ({ name, in: 'query', required: false, schema: jsonSchema(z.object({ [name]: type })).properties?.[name] ?? {} }));
}

function jsonSchema(schema: z.ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}
