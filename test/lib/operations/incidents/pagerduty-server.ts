import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { cleanupServer } from '../../../support/cleanup';

/** The key of the one service that the server knows. */
export const KEY = 'R0123456789ABCDEF0123456789ABCDE';

const MOST_BYTES = 512 * 1024;

/** An alert event of the Events API v2, as its reference describes it; what it does not name is refused too. */
const ALERT_EVENT = {
  type: 'object',
  additionalProperties: false,
  required: ['routing_key', 'event_action'],
  properties: {
    routing_key: { type: 'string', minLength: 32, maxLength: 32 },
    event_action: { enum: ['trigger', 'acknowledge', 'resolve'] },
    dedup_key: { type: 'string', minLength: 1, maxLength: 255 },
    client: { type: 'string' },
    client_url: { type: 'string', format: 'uri' },
    payload: {
      type: 'object',
      additionalProperties: false,
      required: ['summary', 'source', 'severity'],
      properties: {
        summary: { type: 'string', minLength: 1, maxLength: 1024 },
        source: { type: 'string', minLength: 1 },
        severity: { enum: ['critical', 'error', 'warning', 'info'] },
        timestamp: { type: 'string', format: 'date-time' },
        component: { type: 'string' },
        group: { type: 'string' },
        class: { type: 'string' },
        custom_details: { type: 'object' },
      },
    },
    links: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['href'],
        properties: { href: { type: 'string', format: 'uri' }, text: { type: 'string' } },
      },
    },
    images: { type: 'array' },
  },
  anyOf: [
    { properties: { event_action: { const: 'trigger' } }, required: ['payload'] },
    { properties: { event_action: { enum: ['acknowledge', 'resolve'] } }, required: ['dedup_key'] },
  ],
};

interface Incident {
  readonly summary: string;
  status: 'triggered' | 'resolved';
  /** Events that it took in. */
  events: number;
}

/** The Events API v2 of PagerDuty. */
export class PagerDutyServer {
  readonly incidents: Incident[] = [];
  readonly refused: string[] = [];
  /** Statuses of the next answers, which take nothing in. */
  readonly failures: number[] = [];
  private constructor(readonly url: string) {}

  static async start(): Promise<PagerDutyServer> {
    const validate = addFormats(new Ajv()).compile(ALERT_EVENT);
    const server = createServer(async (request, response) => {
      const body = await textOf(request);
      const answer = (status: number, content: object) => {
        if (status !== 202) pagerDuty.refused.push(JSON.stringify(content));
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(content));
      };
      const failure = pagerDuty.failures.shift();
      if (failure) return answer(failure, { status: 'failed' });
      const invalid = (errors: readonly unknown[]) =>
        answer(400, { status: 'invalid event', message: 'Event object is invalid', errors });
      if (`${request.method} ${request.url}` !== 'POST /v2/enqueue') return answer(404, {});
      if (Buffer.byteLength(body) > MOST_BYTES) return answer(413, {});
      if (!validate(JSON.parse(body))) return invalid(validate.errors ?? []);
      const event = JSON.parse(body);
      if (event.routing_key !== KEY) return invalid(['no such service']);
      pagerDuty.take(event);
      return answer(202, { status: 'success', message: 'Event processed', dedup_key: event.dedup_key });
    }).listen(0, '127.0.0.1');
    cleanupServer(server);
    await once(server, 'listening');
    const pagerDuty = new PagerDutyServer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return pagerDuty;
  }

  private readonly open = new Map<string, Incident>();

  private take(event: { event_action: string; dedup_key: string; payload?: { summary: string } }): void {
    const open = this.open.get(event.dedup_key);
    if (event.event_action === 'resolve') {
      if (open) open.status = 'resolved';
      this.open.delete(event.dedup_key);
      return;
    }
    if (open) {
      open.events += 1;
      return;
    }
    const incident: Incident = { summary: event.payload?.summary ?? '', status: 'triggered', events: 1 };
    this.open.set(event.dedup_key, incident);
    this.incidents.push(incident);
  }
}

async function textOf(request: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
