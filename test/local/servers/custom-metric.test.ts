import { appendFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostMetrics } from '../../../lambda/hosts/host-metrics';
import { followEventLoop } from '../../../local/servers/custom-metric';
import { cleanup } from '../../support/cleanup';

const folder = mkdtempSync(join(tmpdir(), 'shop-metric-'));
cleanup(() => rmSync(folder, { recursive: true }));
const log = join(folder, 'read-1.log');

const line = async (eventLoopPercent: number) => {
  const load = () => ({
    eventLoopPercent,
    requestsUnderWay: 1,
    refusedPercent: 0,
    refusedCriticalPercent: 0,
  });
  return `${JSON.stringify({ level: 'info', time: 'now', ...(await hostMetrics({ role: 'read', load })) })}\n`;
};
const request = `${JSON.stringify({ level: 'info', msg: 'request', path: '/"EventLoopUtilization":99' })}\n`;

it('averages what a process logged since the last look, and skips all other lines', async () => {
  appendFileSync(log, await line(50));
  const eventLoop = followEventLoop(log);
  expect(eventLoop()).toBeUndefined();
  appendFileSync(log, request + (await line(10)) + request + (await line(21)));
  expect(eventLoop()).toBe(15.5);
  expect(eventLoop()).toBeUndefined();
});

it('waits for the rest of a line', async () => {
  const eventLoop = followEventLoop(log);
  const text = await line(42);
  appendFileSync(log, request + text.slice(0, -20));
  expect(eventLoop()).toBeUndefined();
  appendFileSync(log, text.slice(-20));
  expect(eventLoop()).toBe(42);
});

it('goes on with a log that was rotated, or is not there yet', async () => {
  const eventLoop = followEventLoop(log);
  truncateSync(log);
  appendFileSync(log, await line(70));
  expect(eventLoop()).toBe(70);
  const absent = join(folder, 'read-2.log');
  const later = followEventLoop(absent);
  expect(later()).toBeUndefined();
  appendFileSync(absent, await line(33));
  expect(later()).toBe(33);
});
