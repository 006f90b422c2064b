import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const API = join(__dirname, '../../../storefront/app/api.js');

/** Runs a program with the page's own module, and returns what it says. */
function run(program: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'shop-api-'));
  try {
    // Node recognizes a module of the page only by its name.
    copyFileSync(API, join(folder, 'api.mjs'));
    writeFileSync(join(folder, 'program.mjs'), `import * as api from './api.mjs';\n${program}`);
    return JSON.parse(execFileSync(process.execPath, [join(folder, 'program.mjs')]).toString());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it('waits at least as long as the shop asks for, and clients do not come back together', () => {
  const pauses = run(`
    const pauses = (retryAfter) => [0, 0.5, 1].map((chance) => api.pauseBefore(1, retryAfter, chance));
    console.log(JSON.stringify([pauses(undefined), pauses(3), pauses(3600)]));`);
  expect(pauses).toEqual([
    [0, 600, 1200],
    [3000, 3600, 4200],
    [30_000, 30_600, 31_200],
  ]);
});

it('asks a busy shop again, and tells of each wait', () => {
  const told = run(`
    globalThis.setTimeout = (go) => queueMicrotask(go);
    let tries = 0;
    const busy = () => { throw new api.ProblemError({ type: 'busy', status: 503, title: 'Busy', retryAfter: 2 }); };
    const waits = [];
    const waiting = ({ type }, ms) => waits.push([type, ms >= 2000]);
    const answer = await api.repeating(() => (++tries < 4 ? busy() : 'taken'), undefined, { attempts: 6, waiting });
    console.log(JSON.stringify({ answer, tries, waits }));`);
  const wait = ['busy', true];
  expect(told).toEqual({ answer: 'taken', tries: 4, waits: [wait, wait, wait] });
});

it('gives up in the end, with what the shop said', () => {
  const told = run(`
    globalThis.setTimeout = (go) => queueMicrotask(go);
    let tries = 0;
    const busy = () => { tries++; throw new api.ProblemError({ type: 'busy', status: 503, title: 'Busy' }); };
    const message = await api.repeating(busy).catch((error) => error.message);
    console.log(JSON.stringify({ message, tries }));`);
  expect(told).toEqual({ message: 'Busy', tries: 3 });
});
