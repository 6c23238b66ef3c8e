/** `/openapi.json` and `/docs`, made from the routes when they are first asked for. */
import { z } from 'zod';
import type { Route } from './http-types.ts';

type JsonSchema = Record<string, unknown>;

/** The two routes that document `routes`. */
export function documentationRoutes(node: string, routes: readonly Route[]): Route[] {
  let description: JsonSchema | null = null;
  let page: string | null = null;
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      summary: 'This API as an OpenAPI 3.1 document',
      handle: () => ({ status: 200, json: (description ??= describe(node, routes)) }),
    },
    {
      method: 'GET',
      path: '/docs',
      summary: 'This API as a page to read',
      handle: () => ({
        status: 200,
        headers: {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
        },
        body: (page ??= renderPage(node, routes)),
      }),
    },
  ];
}

function describe(node: string, routes: readonly Route[]): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}').replace('*', '{path}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, path) };
  }
  return {
    openapi: '3.1.0',
    info: { title: `Orrery ${node}`, version: '1' },
    paths,
    components: {
      securitySchemes: { secret: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: errorSchema() },
    },
  };
}

function operation(route: Route, path: string): JsonSchema {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const responses: Record<string, unknown> = {};
  for (const [status, answer] of Object.entries(route.answers ?? { 200: 'Done' })) {
    responses[status] =
      typeof answer === 'string'
        ? { description: answer }
        : { description: 'The answer', content: { 'application/json': { schema: schemaOf(answer) } } };
  }
  responses['default'] = {
    description: 'An error',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
  return {
    summary: route.summary,
    parameters: [...inPath, ...queryParameters(route)],
    ...(route.body && { requestBody: { content: { 'application/json': { schema: schemaOf(route.body) } } } }),
    ...(route.control && { security: [{ secret: [] }] }),
    responses,
  };
}

function queryParameters(route: Route): JsonSchema[] {
  if (route.query === undefined) return [];
  const { properties, required } = schemaOf(route.query);
  const names = Array.isArray(required) ? required : [];
  return Object.entries((properties ?? {}) as JsonSchema).map(([name, schema]) => ({
    name,
    in: 'query',
    required: names.includes(name),
    schema,
  }));
}

function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

function errorSchema(): JsonSchema {
  return {
    type: 'object',
    required: ['error', 'code', 'definite', 'todo'],
    properties: {
      error: { type: 'string', description: 'What happened' },
      code: { type: 'string' },
      definite: { type: 'boolean', description: 'Whether the operation certainly did not happen' },
      todo: { type: 'string', description: 'What to do next' },
      details: { type: 'object' },
    },
  };
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem}
code,pre{font:14px/1.45 ui-monospace,monospace}pre{overflow:auto;padding:.75rem;border:1px solid #8886;border-radius:.4rem}
section{border-top:1px solid #8886;margin-top:1.5rem}h2{font-size:1.1rem}h3{font-size:1rem;margin-bottom:.3rem}`;

function renderPage(node: string, routes: readonly Route[]): string {
  const title = `The API of ${escapeHtml(node)}`;
  const sections = routes.map((route) => renderRoute(route)).join('\n');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>${STYLE}</style></head>
<body><main><h1>${title}</h1>
<p>The same as data: <a href="/openapi.json">/openapi.json</a>. Errors are JSON with <code>error</code>, <code>code</code>,
<code>definite</code> (it certainly did not happen) and <code>todo</code> (what to do next).</p>
${sections}
</main></body></html>
`;
}

function renderRoute(route: Route): string {
  const secret = route.control === true ? '<p>Needs the secret of the cluster as a bearer token.</p>' : '';
  const answers = Object.entries(route.answers ?? {})
    .map(([status, one]) =>
      typeof one === 'string'
        ? `<li><code>${status}</code> ${escapeHtml(one)}</li>`
        : `<li><code>${status}</code>${renderSchema(one)}</li>`,
    )
    .join('');
  return `<section><h2><code>${route.method} ${escapeHtml(route.path)}</code></h2>
<p>${escapeHtml(route.summary)}</p>${secret}
${route.query ? `<h3>Query</h3>${renderSchema(route.query)}` : ''}
${route.body ? `<h3>Body</h3>${renderSchema(route.body)}` : ''}
${answers === '' ? '' : `<h3>Answers</h3><ul>${answers}</ul>`}</section>`;
}

function renderSchema(schema: z.ZodType): string {
  return `<pre tabindex="0">${escapeHtml(JSON.stringify(schemaOf(schema), null, 2))}</pre>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
}
