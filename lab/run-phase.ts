import type { Phase } from '../lib/phases';
import { bottleneckSentence, type Limit, limitsOf } from './analysis/bottleneck';
import { fleetOf } from './analysis/fleet';
import { type Interval, interval95, median } from './analysis/statistics';
import type { Bucket } from './analysis/timeline';
import {
  type Demands,
  isProven,
  pinnedRate,
  predictedRate,
  predictionError,
  total,
} from './analysis/utilization';
import { CORES } from './measure/cpu';
import { openDatabaseProbe } from './measure/database';
import {
  type Demand,
  type Instruments,
  meansOf,
  measureDemands,
  openInstruments,
  type Round,
} from './measure/demand';
import { type Evidence, gatherEvidence } from './measure/evidence';
import { pace } from './measure/pace';
import { canPin, pin } from './measure/pinning';
import { type RampStep, ramp } from './measure/ramp';
import { ride } from './measure/ride';
import { openStage } from './scenarios/open';
import { ACTIONS, type ActionName, type Scenario } from './scenarios/scenarios';
import type { Component } from './servers/components';
import { openLabShop } from './servers/shop';

/** The size of a measurement. */
export interface Effort {
  readonly products: number;
  /** The actions to measure alone; none if there is no time. */
  readonly actions: readonly ActionName[];
  readonly repetitions: number;
  readonly seconds: number;
  readonly ramps: number;
  readonly halvings: number;
  readonly pinned: boolean;
}

interface Prediction {
  /** Requests a second. */
  readonly predicted: number;
  readonly measured: number | undefined;
  /** Error of the prediction; undefined if nothing was measured. */
  readonly error: number | undefined;
  readonly proven: boolean;
  /** The sentence that was printed before the ramp. */
  readonly words: string;
}

export interface PhaseResult {
  readonly phase: number;
  readonly title: string;
  readonly scenario: string;
  readonly products: number;
  readonly demand: { readonly scenario: Demand; readonly actions: Readonly<Record<string, Demand>> };
  readonly saturation: {
    readonly rates: readonly number[];
    /** Undefined if no repetition found a rate. */
    readonly interval: Interval | undefined;
    readonly steps: readonly RampStep[];
  };
  readonly prediction: Prediction;
  readonly pinned: (Prediction & { readonly component: Component }) | undefined;
  readonly evidence: Evidence;
  /** Outcomes at the varying rate of the scenario, second by second; empty for a steady one. */
  readonly wave: readonly Bucket[];
  /** CPU microseconds of a fixed computation meanwhile: phases measured at different paces are not comparable. */
  readonly pace: number;
  /** Median of the cores that other programs used during the measurements. */
  readonly others: number;
  readonly limits: readonly Limit[];
  readonly bottleneck: string;
  /** Number of wrong answers by error, in all loads. Refusals at a high rate are not wrong. */
  readonly wrongAnswers: Readonly<Record<string, number>>;
  readonly wrongRows: readonly string[];
}

export interface RunOptions {
  readonly phase: Phase;
  readonly scenario: Scenario;
  readonly effort: Effort;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/**
 * Requests a second at which the demand of a scenario is measured first. The next rate is half of the predicted one.
 */
const GENTLY = 150;

/** Measures one phase, from its start to its end. */
export async function runPhase({ phase, scenario, effort, seed, say }: RunOptions): Promise<PhaseResult> {
  const shop = await openLabShop({ phase, say });
  try {
    const stage = await openStage(shop, { products: effort.products, seed, say });
    const database = await openDatabaseProbe([shop.socket, ...shop.replicas]);
    const instruments = await openInstruments(shop, stage, database);
    const result = await measurePhase(instruments, { phase, scenario, effort, seed, say });
    say('Comparing the rows with what was acknowledged');
    const wrongRows = await stage.check();
    await database.close();
    await stage.close();
    return { ...result, wrongRows };
  } finally {
    await shop.close();
  }
}

async function measurePhase(
  instruments: Instruments,
  options: RunOptions,
): Promise<Omit<PhaseResult, 'wrongRows'>> {
  const { phase, scenario, effort, seed, say } = options;
  const { repetitions, seconds } = effort;
  say('Measuring what each kind of request takes');
  const alone = effort.actions.map((name): Round => {
    const rate = name === 'photo' ? 2 : ACTIONS[name].gently;
    return { name, mix: { [name]: 1 }, rate, seconds: Math.min(seconds, 400 / rate) };
  });
  const actions = await measureDemands(instruments, alone, repetitions);

  say(`Measuring what ${scenario.name} takes`);
  const demandAt = async (rate: number) => {
    const round = { name: scenario.name, mix: scenario.mix, rate, seconds };
    const measured = await measureDemands(instruments, [round], repetitions);
    return measured[scenario.name] as Demand;
  };
  const first = await demandAt(GENTLY);
  const paceBefore = pace();
  // Caches answer more of the requests at a higher rate, so the demand is measured again near saturation.
  const rate = Math.max(GENTLY, predictedRate(meansOf(first), CORES) / 2);
  const demand = await demandAt(rate);
  const demands = meansOf(demand);

  const paceAfter = pace();

  const words = inWords(demands, predictedRate(demands, CORES));
  say(words);
  const rates: number[] = [];
  const steps: RampStep[] = [];
  for (let turn = 0; turn < effort.ramps; turn++) {
    say(`Raising the rate, ${turn + 1} of ${effort.ramps}`);
    const from = rates.at(-1) ?? rate;
    const found = await ramp(instruments, scenario, {
      from,
      seconds,
      halvings: effort.halvings,
      seed: seed + turn,
      say,
    });
    steps.push(...found.steps);
    if (found.rate !== undefined) rates.push(found.rate);
  }
  const interval = rates.length > 0 ? interval95(rates) : undefined;
  const pinned = effort.pinned && canPin() ? await measurePinned(instruments, demands, options) : undefined;

  say('Looking inside while it runs');
  const peak = Math.max(20, (interval?.mean ?? rate) * 0.6);
  const evidence = await gatherEvidence(instruments, scenario, { rate: peak, seconds: seconds * 2, seed });
  const wave = scenario.shape
    ? await ride(instruments, scenario, { peak, seconds: effort.seconds * 8, seed })
    : [];
  const limits = limitsOf({ ...demands, ...demand.threads }, fleetOf(phase));
  return {
    phase: phase.number,
    title: phase.title,
    scenario: scenario.name,
    products: effort.products,
    demand: { scenario: demand, actions },
    saturation: { rates, interval, steps },
    prediction: predictionOf(predictedRate(demands, CORES), interval?.mean, words),
    pinned,
    evidence,
    wave,
    pace: (paceBefore + paceAfter) / 2,
    others: median(steps.map(({ others }) => others)),
    limits,
    bottleneck: bottleneckSentence(phase.number, limits),
    wrongAnswers: instruments.stage.wrongAnswers,
  };
}

/** Measures the busiest process of the app alone on a core: the law must hold for that too. */
async function measurePinned(
  instruments: Instruments,
  demands: Demands,
  { scenario, effort, seed, say }: RunOptions,
) {
  const { shop } = instruments;
  const component: Component = shop.processes().app ? 'app' : 'read';
  const predicted = pinnedRate(demands, component, CORES);
  const words = `With ${component} alone on a core the law predicts ${Math.round(predicted)} requests/s.`;
  say(words);
  const unpin = pin(shop, component);
  try {
    const found = await ramp(instruments, scenario, {
      from: predicted / 2,
      seconds: effort.seconds,
      halvings: effort.halvings,
      seed,
      say,
    });
    return { component, ...predictionOf(predicted, found.rate, words) };
  } finally {
    unpin();
  }
}

function predictionOf(predicted: number, measured: number | undefined, words: string): Prediction {
  const proven = measured !== undefined && isProven(predicted, measured);
  return {
    predicted,
    measured,
    error: measured === undefined ? undefined : predictionError(predicted, measured),
    proven,
    words,
  };
}

function inWords(demands: Demands, predicted: number): string {
  const parts = Object.entries(demands).map(([name, us]) => `${name} ${Math.round(us)}`);
  return `Prediction: ${CORES} cores / ${Math.round(total(demands))} µs (${parts.join(' + ')}) = ${Math.round(predicted)} requests/s`;
}
