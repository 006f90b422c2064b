import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseEnvelope } from '@sentry/core';
import { cleanupServer } from '../../../support/cleanup';

const PROJECT = '4501';
const PUBLIC_KEY = '0123456789abcdef0123456789abcdef';

export interface Received {
  readonly event_id: string;
  readonly level?: string;
  readonly release?: string;
  readonly transaction?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly logentry?: { readonly formatted: string };
  readonly contexts?: unknown;
  readonly exception?: {
    readonly values: readonly {
      readonly type: string;
      readonly value: string;
      readonly stacktrace: { readonly frames: readonly Readonly<Record<string, unknown>>[] };
    }[];
  };
}

/** The ingestion of one project of Sentry. Envelopes are read by Sentry's own parser. */
export class SentryServer {
  /** Without those whose id it has already. */
  readonly events: Received[] = [];
  readonly bodies: string[] = [];
  readonly refused: string[] = [];
  /** Statuses of the next answers, which take nothing in. */
  readonly failures: number[] = [];
  private constructor(private readonly port: number) {}

  get dsn(): string {
    return `http://${PUBLIC_KEY}@127.0.0.1:${this.port}/${PROJECT}`;
  }

  static async start(): Promise<SentryServer> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const failure = sentry.failures.shift();
      const problem = failure ? undefined : sentry.take(String(request.url), request.headers, body);
      if (problem) sentry.refused.push(problem);
      response.writeHead(failure ?? (problem ? 400 : 200), failure === 429 ? { 'Retry-After': '60' } : {});
      response.end(JSON.stringify({ detail: problem }));
    }).listen(0, '127.0.0.1');
    cleanupServer(server);
    await once(server, 'listening');
    const sentry = new SentryServer((server.address() as AddressInfo).port);
    return sentry;
  }

  /** The fault of the request; undefined if it was taken in. */
  private take(url: string, headers: Readonly<Record<string, unknown>>, body: Buffer): string | undefined {
    if (url !== `/api/${PROJECT}/envelope/`) return `no such project: ${url}`;
    const auth = String(headers['x-sentry-auth']);
    if (!/^Sentry /.test(auth) || !auth.includes('sentry_version=7')) return `no protocol: ${auth}`;
    if (!/sentry_client=[\w-]+\/[\w.]+/.test(auth)) return `no client: ${auth}`;
    if (!auth.includes(`sentry_key=${PUBLIC_KEY}`)) return 'not the key of the project';
    const [header, items] = parseEnvelope(body.toString()) as unknown as [
      { event_id?: string; sent_at?: string },
      [{ type: string }, Received][],
    ];
    if (!header.sent_at || Number.isNaN(Date.parse(header.sent_at))) return 'sent_at is no time';
    const [item, ...others] = items;
    if (!item || others.length > 0) return `an envelope holds one event, not ${items.length}`;
    const [{ type }, event] = item;
    if (type !== 'event') return `not an event: ${type}`;
    if (!/^[0-9a-f]{32}$/.test(event.event_id)) return `no id: ${event.event_id}`;
    if (header.event_id !== event.event_id) return 'the ids of envelope and event differ';
    this.bodies.push(body.toString());
    if (!this.events.some(({ event_id }) => event_id === event.event_id)) this.events.push(event);
    return undefined;
  }
}
