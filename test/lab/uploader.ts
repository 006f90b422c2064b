import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as requestInClear } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import type { Stage } from '../../lab/scenarios/open';
import type { LabShop } from '../../lab/servers/shop';

/** The patience of the page with the shop and with the store, in ms: `storefront/app`. */
const PATIENCE_MS = { shop: 15_000, store: 30_000 } as const;
const PAUSE_S = 1;

export interface Uploaded {
  readonly id: string;
  readonly productId: string;
  /** Epoch milliseconds of the shop's acknowledgement. */
  readonly completedAt: number;
  /** Each answer but the right one, by step: `complete: 503 busy, Retry-After 3`. */
  readonly notices: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect
  readonly body: any;
}

interface Sent {
  readonly productId: string;
  readonly id: string;
  readonly complete: () => Promise<Answer | undefined>;
}

/** Staff who upload photos as the page does: they wait for as long as they are told to, and go on with the same step. */
export async function createUploader(shop: LabShop, { fixtures }: Stage) {
  const picture = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#a04020' } })
    .jpeg()
    .toBuffer();
  const calls = fixtures.book.photoCalls;
  let origin = '';
  let stopped = false;
  /** @throws Error for a refusal that no repetition would change */
  const insisting = async (
    step: string,
    right: number,
    notices: string[],
    attempt: () => Promise<Answer | undefined>,
  ): Promise<Answer> => {
    for (;;) {
      const answer = await attempt();
      if (answer?.status === right) return answer;
      notices.push(`${step}: ${wordsOf(answer)}`);
      if (stopped || (answer && ![502, 503, 504].includes(answer.status)))
        throw new Error(notices.join(', '));
      await sleep(Number(answer?.retryAfter ?? PAUSE_S) * 1000);
    }
  };
  const token = () => fixtures.staff[fixtures.nextNumber() % fixtures.staff.length]?.token ?? '';

  const askShop = (path: string, body?: object) =>
    answered(
      requestOverTls({
        ...{ host: '127.0.0.1', port: shop.target.port, rejectUnauthorized: false, method: 'POST', path },
        headers: {
          ...{ Host: 'shop.example', Authorization: `Bearer ${token()}`, 'X-Forwarded-For': '198.51.100.7' },
          ...(body && { 'Content-Type': 'application/json' }),
        },
      }),
      body && JSON.stringify(body),
      PATIENCE_MS.shop,
    );

  /** Asked and sent, with all patience; `notices` gets each answer but the right ones. */
  const send = async (notices: string[] = []): Promise<Sent> => {
    const productId = fixtures.shelves[fixtures.nextNumber() % fixtures.shelves.length]?.id ?? '';
    const bytes = Buffer.concat([picture, Buffer.from(String(fixtures.nextNumber()))]);
    const sha256 = createHash('sha256').update(bytes).digest('base64');
    const photos = `/api/products/${productId}/photos`;
    const asked = await insisting('ask', 201, notices, () =>
      askShop(photos, { bytes: bytes.length, type: 'image/jpeg', sha256 }),
    );
    const { id, upload } = asked.body;
    calls.begin('uploader', id, { kind: 'begin' })({ kind: 'done' });
    const url = new URL(upload.url);
    origin = url.origin;
    // 412: it has arrived, and the answer was lost.
    await insisting('send', 200, notices, async () => {
      const sent = await answered(
        requestInClear(url, { method: 'PUT', headers: upload.headers }),
        bytes,
        PATIENCE_MS.store,
      );
      return sent?.status === 412 ? { ...sent, status: 200 } : sent;
    });
    const complete = async () => {
      const answered = calls.begin('uploader', id, { kind: 'complete' });
      const answer = await askShop(`${photos}/${id}/complete`);
      if (answer?.status === 202) answered({ kind: 'seen', status: answer.body.status });
      return answer;
    };
    return { productId, id, complete };
  };

  return {
    /** Of the store, once a photo was sent to it. */
    origin: () => origin,
    send,
    /** Those that still wait for the shop give up. */
    stop: () => {
      stopped = true;
    },
    upload: async (): Promise<Uploaded> => {
      const notices: string[] = [];
      const { productId, id, complete } = await send(notices);
      await insisting('complete', 202, notices, complete);
      fixtures.book.photo(id);
      return { productId, id, completedAt: Date.now(), notices };
    },
  };
}

/** Undefined without an answer in time. */
async function answered(
  asked: ReturnType<typeof requestInClear>,
  body: string | Buffer | undefined,
  patienceMs: number,
): Promise<Answer | undefined> {
  asked.setTimeout(patienceMs, () => asked.destroy());
  asked.end(body);
  try {
    const [answer] = await once(asked, 'response');
    const said = await text(answer);
    const isJson = answer.headers['content-type']?.includes('json');
    const retryAfter = answer.headers['retry-after'];
    return { status: answer.statusCode, retryAfter, body: isJson ? JSON.parse(said) : said };
  } catch {
    return undefined;
  }
}

export const wordsOf = (answer: Answer | undefined): string => {
  if (!answer) return 'no answer';
  const { status, body, retryAfter } = answer;
  return [status, body?.type, retryAfter && 'with Retry-After'].filter(Boolean).join(' ');
};
