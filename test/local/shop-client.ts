import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { demoAccounts } from '../../local/seed/accounts';

export interface ShopClient {
  /** Of the session. */
  readonly token: string;
  /** The answer's status, its headers and its JSON. */
  ask<Body>(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; headers: Headers; body: Body }>;
}

/** Logs a demo account in to the shop at `url`. */
export async function logIn(url: string, role: 'customer' | 'staff'): Promise<ShopClient> {
  const { email, password } = demoAccounts.find((account) => account.role === role) ?? demoAccounts[0];
  const clientWith = (token = ''): ShopClient => ({
    token,
    ask: async (method, path, body) => {
      const answer = await fetch(url + path, {
        method,
        headers: {
          'Content-Type': 'application/json',
          'Idempotency-Key': randomUUID(),
          ...(token && { Authorization: `Bearer ${token}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : undefined };
    },
  });
  const { body } = await clientWith().ask<{ token: string }>('POST', '/api/sessions', { email, password });
  return clientWith(body.token);
}

interface Photo {
  readonly id: string;
  readonly status: string;
  readonly renditions: readonly { url: string }[];
}

/** Uploads a photo as the storefront does, until it is ready. Resolves to the URLs of the upload and of the picture. */
export async function uploadPhoto(staff: ShopClient, shopUrl: string, productId: string) {
  const bytes = await sharp({ create: { width: 900, height: 600, channels: 3, background: '#a04020' } })
    .jpeg()
    .toBuffer();
  const declared = {
    bytes: bytes.length,
    type: 'image/jpeg',
    sha256: createHash('sha256').update(bytes).digest('base64'),
  };
  const photos = `/api/products/${productId}/photos`;
  const asked = await staff.ask<{ id: string; upload: { url: string; headers: Record<string, string> } }>(
    'POST',
    photos,
    declared,
  );
  const { id, upload } = asked.body;
  const sentTo = new URL(upload.url, shopUrl);
  const put = await fetch(sentTo, { method: 'PUT', headers: upload.headers, body: new Uint8Array(bytes) });
  if (!put.ok) throw new Error(`The upload was answered ${put.status}: ${await put.text()}`);
  await staff.ask('POST', `${photos}/${id}/complete`);
  for (let attempt = 0; attempt < 200; attempt++) {
    const { body } = await staff.ask<{ items: Photo[] }>('GET', photos);
    const photo = body.items.find((one) => one.id === id);
    if (photo?.status === 'ready') return { sentTo, shown: photo.renditions[0]?.url ?? '' };
    await sleep(50);
  }
  throw new Error('The photo is not ready after 10 s');
}
