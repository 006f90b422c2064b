import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendVisitors } from '../../lab/visitors';
import { cleanupServer } from '../support/cleanup';

it('reports how many reads were answered, refused or failed', async () => {
  let asked = 0;
  const refusal = JSON.stringify({ type: 'overloaded', status: 503 });
  const server = createServer((_request, response) => {
    asked++;
    if (asked % 5 === 0) {
      response.writeHead(503, { 'Content-Type': 'application/problem+json' }).end(refusal);
    } else if (asked % 7 === 0) response.writeHead(500).end();
    else response.end('{}');
  }).listen(0, '127.0.0.1');
  cleanupServer(server);
  await once(server, 'listening');
  const said: string[] = [];
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  await sendVisitors({ url, rate: 200, seconds: 0.35, say: (line) => said.push(line) });
  expect(asked).toBe(70);
  const sums = [/(\d+) answered/, /(\d+) refused/, /(\d+) failed/].map((pattern) =>
    said.reduce((sum, line) => sum + Number(pattern.exec(line)?.[1]), 0),
  );
  expect(sums).toEqual([48, 14, 8]);
});
