import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { z } from 'zod';
import { serve } from '../../../../lambda/shared/http/serve';
import { createRpcClient } from '../../../../lambda/shared/rpc/client';
import type { Contract, Methods } from '../../../../lambda/shared/rpc/contract';
import { createRpcServer } from '../../../../lambda/shared/rpc/server';
import type { Logger } from '../../../../lambda/shared/runtime/log';
import { cleanup, cleanupServer } from '../../../support/cleanup';

const text = z.object({ text: z.string() });

/** A method that may be repeated, and one that may not. */
export const contract = {
  service: 'inventory',
  methods: {
    look: { access: 'read', idempotent: true, deadlineMs: 1000, input: text, output: text },
    pay: { access: 'write', idempotent: false, deadlineMs: 1000, input: text, output: text },
  },
} as const satisfies Contract;

export const silent = pino({ level: 'silent' });

const echo = async (input: { text: string }) => input;

/** A server of the contract, and its origin. */
export async function served(
  methods: Partial<Methods<typeof contract>> = {},
  role: 'all' | 'read' = 'all',
  log: Logger = silent,
): Promise<string> {
  const fetch = createRpcServer(contract, { look: echo, pay: echo, ...methods }, { role, log });
  const { port, stop } = await serve({ fetch, log: silent, port: 0 });
  cleanup(stop);
  return `http://127.0.0.1:${port}`;
}

/** A server that answers as it likes, and its origin. */
export async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  cleanupServer(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function calling(url: string, authority?: string) {
  const client = createRpcClient(contract, { url, authority });
  cleanup(client.close);
  return client;
}
