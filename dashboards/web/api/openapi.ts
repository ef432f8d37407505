/** What the API takes and answers, as OpenAPI 3.1: made from the schemas that check each request. */
import { z } from 'zod';
import type { Resource } from './resource.ts';

/** Where the API stands; below /api it had no version once, and is still there. */
export const base = '/api/v1';

/** The document of these resources. */
export function openApi(resources: readonly Resource[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const resource of resources) {
    const path = paths[`${base}${resource.path}`] ??= {};
    path[resource.method] = operation(resource);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'RouteWatch', version: '1', description: 'What RouteWatch knows, and what operators tell it. Lists have pages (limit, offset, more). Errors are problems (RFC 9457).' },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: jsonSchema(problem, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'routewatch token create; roles read, operate, admin' } },
    },
  };
}

const problem = z.looseObject({ type: z.string(), title: z.string(), status: z.number(), detail: z.string(), request_id: z.string() });

function operation(resource: Resource): object {
  const parameters = [
    ...Object.entries(resource.parameters?.shape ?? {}).map(([name, type]) => ({ name, in: 'path', required: true, schema: propertySchema(name, type) })),
    ...Object.entries(resource.query.shape).map(([name, type]) => ({ name, in: 'query', required: false, schema: propertySchema(name, type) })),
  ];
  const problems = { description: 'A problem (RFC 9457)', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
  return {
    operationId: resource.name, summary: resource.summary, parameters,
    ...(resource.body === undefined ? {} : { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(resource.body, 'input') } } } }),
    responses: { ...answerOf(resource), default: problems },
    security: resource.role === 'read' ? [{}, { bearer: [] }] : [{ bearer: [] }],
    'x-role': resource.role,
  };
}

function answerOf(resource: Resource): object {
  if (resource.answer instanceof z.ZodUndefined) return { 204: { description: 'Done' } };
  return { 200: { description: 'The answer', content: { [resource.streamed ?? 'application/json']: { schema: jsonSchema(resource.answer, 'output') } } } };
}

function propertySchema(name: string, type: z.ZodType): object {
  const schema = jsonSchema(z.object({ [name]: type }), 'input').properties?.[name];
  return typeof schema === 'object' ? schema : {};
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): z.core.JSONSchema.BaseSchema {
  const { $schema: _, ...document } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return document;
}
