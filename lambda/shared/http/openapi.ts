import type { OpenAPIHono } from '@hono/zod-openapi';
import { CACHE_POLICY } from '../cache/cache-policy';
import { withExamples } from './openapi-examples';

export interface DocumentInfo {
  readonly path: string;
  readonly title: string;
  readonly description: string;
}

/** Serves the OpenAPI 3.1 document, generated once from the validating schemas. Call after the last route. */
export function serveDocument(app: OpenAPIHono, { path, title, description }: DocumentInfo): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-session',
    description: 'Set by logging in. Its name over plain HTTP is `session`.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  let body: string | undefined;
  app.get(path, () => {
    body ??= JSON.stringify(
      withExamples(
        app.getOpenAPI31Document({
          openapi: '3.1.0',
          info: { title, version: '1', description },
          servers: [{ url: '/', description: 'The shop that this document comes from' }],
        }),
      ),
    );
    return new Response(body, {
      headers: { 'Content-Type': 'application/json', 'Cache-Control': CACHE_POLICY.openApi.http },
    });
  });
}
