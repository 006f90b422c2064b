import type { OpenAPIHono } from '@hono/zod-openapi';
import { CACHING } from './caching';
import { withExamples } from './examples';

export interface DocumentInfo {
  readonly path: string;
  readonly title: string;
  readonly description: string;
}

/** Serves the OpenAPI 3.1 document of an API, made once, from the schemas that validate. After the last route. */
export function serveDocument(app: OpenAPIHono, { path, title, description }: DocumentInfo): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-session',
    description: 'Set by logging in. Over plain http it is called `session`.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  let body: string | undefined;
  app.get(path, () => {
    body ??= JSON.stringify(
      withExamples(
        app.getOpenAPI31Document({ openapi: '3.1.0', info: { title, version: '1', description } }),
      ),
    );
    return new Response(body, {
      headers: { 'Content-Type': 'application/json', 'Cache-Control': CACHING.openApi.http },
    });
  });
}
