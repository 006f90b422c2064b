import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HereCall, hereAnswer, type ThereCall, thereAnswer } from '../../../lambda/archive/calls';
import { query, runArchive, showStatus } from '../../../lambda/archive/command';
import { openHere, openThere } from '../../../lambda/archive/control';
import { openDuckDb } from '../../../lambda/archive/duckdb';
import { monthStart } from '../../../lambda/archive/months';
import { openBlobs } from '../../../lambda/shared/blobs/open';
import { OUTPUT } from '../../../lib/names';
import { AnswerLostError, CallFailedError } from '../../../operate/aws/invoke';
import { deployedSides } from '../../../operate/warehouse/deployed';
import { addOldSales } from '../../lambda/archive/old-sales';
import { openShop } from '../../lambda/inventory/shop';
import { lambdaEnvironment } from '../../lib/aws';
import { cleanup, closing } from '../../support/cleanup';
import { engines } from '../../support/engines';
import { LambdaApi } from '../../support/lambda-api';
import { until } from '../../support/until';
import { type Account, healthyAccount, startAccount } from '../aws-account';

const ARCHIVE = 'Shop-Data-Archive-1';
const LOAD = 'Shop-Data-Load-1';
const NOW = Date.UTC(2026, 10, 15);

let account: Account;
let api: LambdaApi;
beforeAll(async () => {
  await startAccount(() => account);
});
beforeEach(async () => {
  account = healthyAccount(6);
  account.stacks['Shop-Data'] = {
    status: 'UPDATE_COMPLETE',
    outputs: { [OUTPUT.archiveFunction]: ARCHIVE, [OUTPUT.warehouseFunction]: LOAD },
  };
  api = await LambdaApi.start();
  // As many attempts as a person's own settings give: the default.
  lambdaEnvironment({ AWS_ENDPOINT_URL_LAMBDA: api.url, AWS_MAX_ATTEMPTS: '3' });
});

const sides = async (answerMs?: number) => closing(await deployedSides('Shop', 'us-east-1', answerMs));

/** Both functions, over a database and a warehouse that have six sales of five months ago to move. */
async function deployFunctions() {
  const [sqlite] = engines();
  if (!sqlite) throw new Error('unreachable: SQLite is always there');
  const shop = await openShop(sqlite);
  cleanup(() => shop.close());
  const product = await shop.add({}, 4);
  await addOldSales(shop.sql, { at: monthStart(NOW, -5), product, count: 6 });
  const folder = mkdtempSync(join(tmpdir(), 'shop-deployed-'));
  cleanup(() => rmSync(folder, { recursive: true }));
  const blobs = await openBlobs(`file:${folder}`);
  const warehouse = closing(await openDuckDb(':memory:', blobs));
  const here = openHere({ sql: shop.sql, blobs, now: () => NOW, keptMonths: 3 });
  const there = openThere({ warehouse, blobs });
  api.deploy(ARCHIVE, (event) => hereAnswer(here, event as HereCall));
  api.deploy(LOAD, (event) => thereAnswer(there, event as ThereCall));
}

/** Collects the output of a command. */
function heard() {
  const said: string[] = [];
  return { out: { write: (text: string) => void said.push(text) }, text: () => said.join('') };
}

test('status, run and query invoke the functions that the stack names, each with its call', async () => {
  await deployFunctions();
  const { out, text } = heard();
  const options = { ...(await sides()), out, now: () => NOW };
  await runArchive(options);
  await showStatus(options);
  await query(options, 'SELECT COUNT(*) AS n FROM items');
  expect(text()).toContain('loaded and counted: 1 batches\nidle: 17 rows in 3 files\n');
  expect(text()).toContain('The warehouse has 5 ledger lines, 6 reservations and 6 items.');
  const called = api.events.map(({ name, event }) => `${name} ${(event as { call: string }).call}`);
  expect(called).toEqual([
    ...[`${ARCHIVE} advance`, `${ARCHIVE} status`, `${LOAD} load`],
    ...[`${ARCHIVE} advance`, `${ARCHIVE} status`],
    ...[`${ARCHIVE} status`, `${LOAD} rows`],
    `${LOAD} query`,
  ]);
  expect(api.events.at(-1)?.event).toEqual({ call: 'query', statement: 'SELECT COUNT(*) AS n FROM items' });
});

test('a step that takes long shows how many rows have left meanwhile', async () => {
  let files = 0;
  const { out, text } = heard();
  api.deploy(ARCHIVE, async (event) => {
    if ((event as HereCall).call === 'status')
      return { exported: { batches: 1, files, rows: files++ * 100_000 } };
    await until(() => text().includes('200000 rows in 2 files'));
    return 'idle';
  });
  await runArchive({ ...(await sides()), out, watchMs: 1 });
  expect(text()).toMatch(/^ {2}0 rows in 0 files\n {2}100000 rows in 1 files\n {2}200000 rows in 2 files\n/);
  expect(text()).toMatch(/\nidle: \d+ rows in \d+ files\n$/);
});

test('a step whose progress cannot be read goes on', async () => {
  let looks = 0;
  const { out, text } = heard();
  api.deploy(ARCHIVE, async (event) => {
    if ((event as HereCall).call === 'status') {
      if (looks++ === 0) throw new Error('The database is busy');
      return { exported: { batches: 1, files: 3, rows: 17 } };
    }
    await until(() => looks > 0);
    return 'idle';
  });
  await runArchive({ ...(await sides()), out, watchMs: 1 });
  expect(text()).toBe('idle: 17 rows in 3 files\n');
});

test('an error of a function comes with its name, its kind and its message', async () => {
  await deployFunctions();
  const { there } = await sides();
  await expect(there.query('SELECT nothing FROM nowhere')).rejects.toThrow(
    /^Shop-Data-Load-1 failed: Error: .*nowhere/,
  );
  await expect(there.query('SELECT nothing FROM nowhere')).rejects.toThrow(CallFailedError);
});

test('a function that AWS ended says so', async () => {
  api.timeoutMs = 1;
  api.deploy(ARCHIVE, () => new Promise(() => undefined));
  const { here } = await sides();
  await expect(here.advance()).rejects.toThrow(/^Shop-Data-Archive-1 failed: .*Task timed out after/);
  expect(api.events).toHaveLength(1);
});

test('a call that finds no room for a moment is repeated', async () => {
  await deployFunctions();
  api.concurrency = 0;
  const { here } = await sides();
  const status = here.status();
  await until(() => api.throttled > 0);
  api.concurrency = 10;
  await expect(status).resolves.toMatchObject({ exported: { rows: 0 } });
});

test('a call that finds no room says when to try again', async () => {
  await deployFunctions();
  api.concurrency = 0;
  const { here } = await sides();
  await expect(here.status()).rejects.toThrow('Shop-Data-Archive-1 has no room for another call');
  expect(api.throttled).toBe(3);
});

test('a call whose answer is lost ends, is not made a second time, and says how to find out', async () => {
  api.deploy(ARCHIVE, () => new Promise(() => undefined));
  const { here } = await sides(2000);
  await expect(here.advance()).rejects.toThrow(
    /^Shop-Data-Archive-1 did not answer within 2 s. .* warehouse -- status/,
  );
  expect(api.events).toEqual([{ name: ARCHIVE, event: { call: 'advance' } }]);
});

test('a call whose connection ends is not made a second time either', async () => {
  api.deploy(ARCHIVE, () => new Promise(() => undefined));
  const { here } = await sides();
  const lost = expect(here.advance()).rejects.toThrow(AnswerLostError);
  await until(() => api.events.length === 1);
  api.cut();
  await lost;
  expect(api.events).toHaveLength(1);
});

test('a function that is gone is an error of AWS, in its words', async () => {
  const { here } = await sides();
  await expect(here.status()).rejects.toThrow(`Function not found: ${ARCHIVE}`);
});

test('a shop without a warehouse is told which phase has one', async () => {
  account = healthyAccount(5);
  await expect(deployedSides('Shop', 'us-east-1')).rejects.toThrow('deploy phase 6 first');
});
