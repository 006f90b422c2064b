import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendVisitors } from '../../lab/visitors';
import { freePort } from '../../local/servers/free-port';
import { cleanupServer } from '../support/cleanup';

const SHELF = JSON.stringify({ items: [{ name: 'Enamel kettle' }, { name: 'Task lamp' }] });
const REFUSALS = ['overloaded', 'busy'].map((type) => JSON.stringify({ type, status: 503 }));

async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  cleanupServer(server);
  await once(server, 'listening');
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

type Options = Omit<Parameters<typeof sendVisitors>[0], 'say'>;

/** @param hear is told the sums of each second */
async function sums(options: Options, hear = (_sums: number[]): void => undefined) {
  const said: string[] = [];
  const ofAll = () =>
    [/(\d+) answered/, /(\d+) refused/, /(\d+) failed/, /(\d+) unsent/].map((pattern) =>
      said.reduce((sum, line) => sum + Number(pattern.exec(line)?.[1]), 0),
    );
  const say = (line: string) => {
    said.push(line);
    hear(ofAll());
  };
  await sendVisitors({ ...options, say });
  expect(said.filter((line) => line.length > 80)).toEqual([]);
  return ofAll();
}

it('reports how many reads were answered, refused or failed', async () => {
  let asked = -1;
  const url = await serving((_request, response) => {
    asked++;
    if (asked > 0 && asked % 5 === 0) {
      response.writeHead(503, { 'Content-Type': 'application/problem+json' }).end(REFUSALS[asked % 2]);
    } else if (asked > 0 && asked % 7 === 0) response.writeHead(500).end();
    else response.end(SHELF);
  });
  expect(await sums({ url, rate: 200, seconds: 0.35, connections: 70 })).toEqual([48, 14, 8, 0]);
  expect(asked).toBe(70);
});

it('does not send what is due while all connections are busy', async () => {
  const waiting: ServerResponse[] = [];
  let asked = -1;
  const url = await serving((_request, response) => {
    if (++asked === 0) response.end(SHELF);
    else waiting.push(response);
  });
  const answerOnceAllWereDue = ([, , , unsent]: number[]) => {
    if (unsent === 37) for (const response of waiting) response.end(SHELF);
  };
  const options = { url, rate: 100, seconds: 0.4, connections: 3 };
  expect(await sums(options, answerOnceAllWereDue)).toEqual([3, 0, 0, 37]);
  expect(asked).toBe(3);
});

it('searches for words of the products, so differently that no cache answers', async () => {
  const paths: string[] = [];
  const url = await serving((request, response) => {
    paths.push(request.url ?? '');
    response.end(SHELF);
  });
  await sums({ url, rate: 400, seconds: 0.1, connections: 40 });
  const [shelf, ...reads] = paths;
  expect(shelf).toBe('/api/products?limit=100');
  expect(reads.filter((path) => path === '/api/products?limit=24')).toHaveLength(10);
  const questions = reads.flatMap((path) => /limit=100&q=(.*)/.exec(path)?.[1] ?? []);
  expect(questions).toHaveLength(30);
  for (const question of questions) expect(question).toMatch(/^(enamel|kettle|task|lamp)\+[a-z]{1,6}$/);
  expect(new Set(questions).size).toBeGreaterThan(15);
});

it('says so if nobody answers', async () => {
  const gone = { url: `http://127.0.0.1:${await freePort()}`, rate: 1, seconds: 1, connections: 1 };
  await expect(sums(gone)).rejects.toThrow(
    `${gone.url}/api/products?limit=100 does not answer: connect ECONNREFUSED`,
  );
  const url = await serving((_request, response) => void response.writeHead(404).end());
  await expect(sums({ ...gone, url })).rejects.toThrow(/answered 404, expected 200$/);
});
