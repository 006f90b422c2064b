import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../lib/root';
import type { FaultResult } from '../faults/run-fault';
import { mainFrames } from '../profile/flame-graph';
import type { PhaseResult } from '../run-phase';

/** One run of the lab, in the form that is kept and that documents quote. */
export interface Run {
  /** The start of the run, ISO 8601. */
  readonly date: string;
  readonly machine: Machine;
  readonly method: string;
  /** `quick` shows that everything works; its figures are preliminary. */
  readonly effort: 'full' | 'quick';
  readonly phases: readonly KeptPhase[];
  readonly faults?: readonly FaultResult[];
}

interface KeptPhase extends PhaseResult {
  /** The start of the earlier run that measured it; undefined if this one did. */
  readonly date?: string;
}

interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly kernel: string;
  readonly node: string;
  readonly mariadb: string;
  readonly nginx: string;
}

export function thisMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.versions.node,
    mariadb: versionOf('mariadbd', '--version'),
    nginx: versionOf('nginx', '-v'),
  };
}

function versionOf(program: string, flag: string): string {
  const path = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;
  // nginx prints it on its standard error.
  const said = execFileSync('sh', ['-c', `${program} ${flag} 2>&1`], {
    env: { PATH: path },
    encoding: 'utf8',
  });
  return /\d+\.\d+\.\d+/.exec(said)?.[0] ?? 'unknown';
}

export const METHOD =
  'Open loop on the servers of npm start -- --phase N --servers, durable commits, generator on the same machine; demands are means over interleaved repetitions of CPU time from /proc, less what is used when nobody asks; saturation is the highest rate with p99 within 50 ms from the scheduled time and errors below 0.1 %.';

/** With four digits, since no figure is more exact. */
export const toJson = (run: Run): string =>
  `${JSON.stringify(run, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(4)) : value), 1)}\n`;

/** The folder of the kept runs, one file a day; documents quote these. */
const RUNS = join(ROOT, 'lab', 'report', 'runs');

/**
 * Keeps a run, and of its flame graphs the main frames: the rest would be most of its size. Phases that it did not measure
 * keep their figures, with their date.
 */
export function keepRun(run: Run): void {
  const measured = run.phases.map(({ evidence, ...rest }) => {
    const { process, frames } = evidence.profile;
    return { ...rest, evidence: { ...evidence, profile: { process, frames: mainFrames(frames) } } };
  });
  writeFileSync(
    join(RUNS, `${run.date.slice(0, 10)}.json`),
    toJson(withEarlier({ ...run, phases: measured }, keptRun())),
  );
}

/** A run with the phases of an earlier one that it did not measure. */
export function withEarlier(run: Run, { date, phases }: Run): Run {
  const kept = phases
    .filter(({ phase }) => !run.phases.some((measured) => measured.phase === phase))
    .map((phase) => ({ date, ...phase }));
  return { ...run, phases: [...kept, ...run.phases].sort((one, other) => one.phase - other.phase) };
}

/** The newest kept run, which documents quote. */
export function keptRun(): Run {
  const newest = readdirSync(RUNS)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .at(-1);
  if (!newest) throw new Error(`No run is kept in ${RUNS}: npm run lab -- --keep`);
  return read(newest);
}

/**
 * The kept run that plans and bills are computed from, chosen by hand: the one at the highest rates. At low ones copies
 * answer fewer of the requests, so that a request takes more than it does in a fleet (decision 0173).
 */
export const planningRun = (): Run => read('2026-11-26.json');

const read = (file: string): Run => JSON.parse(readFileSync(join(RUNS, file), 'utf8')) as Run;
