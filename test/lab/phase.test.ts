import { faultNamed } from '../../lab/faults/faults';
import { runFault } from '../../lab/faults/run-fault';
import { page } from '../../lab/report/page';
import { METHOD, type Run, thisMachine } from '../../lab/report/run';
import { phaseTable } from '../../lab/report/tables';
import { summary } from '../../lab/report/text';
import { type PhaseResult, runPhase } from '../../lab/run-phase';
import { scenarioNamed } from '../../lab/scenarios/scenarios';
import { phaseNumbered } from '../../lib/phases';
import { describeWith } from '../host/support';

const say = () => undefined;

describeWith(
  'mariadbd',
  'nginx',
  'taskset',
)('the lab on phase 1', () => {
  let result: PhaseResult;
  let run: Run;
  beforeAll(async () => {
    const [phase, scenario] = [phaseNumbered(1), scenarioNamed('browse')];
    if (!phase || !scenario) throw new Error('There is a phase 1, and somebody browses');
    const effort = {
      ...{ products: 500, actions: ['product', 'buy', 'log in', 'sign up', 'photo'] as const },
      ...{ repetitions: 2, seconds: 1, ramps: 1, halvings: 0, pinned: true },
    };
    result = await runPhase({ phase, scenario, effort, seed: 1, say });
    run = {
      date: '2030-01-01T00:00:00.000Z',
      machine: thisMachine(),
      method: METHOD,
      effort: 'quick',
      phases: [result],
    };
  }, 900_000);

  it('gets right answers alone, and finds each acknowledged write exactly once', () => {
    expect(result.wrongAnswers).toEqual({});
    expect(result.wrongRows).toEqual([]);
  });

  it('measures the demand of each kind of request on each component', () => {
    const { product, buy, 'log in': logIn } = result.demand.actions;
    for (const { errors } of Object.values(result.demand.actions)) expect(errors).toEqual({});
    // The database may be left out of a read, which copies answer.
    const parts = ['nginx', 'app', 'generator'];
    const without = Object.entries({ product, buy, logIn }).flatMap(([name, demand]) =>
      [...parts, ...(name === 'product' ? [] : ['database'])]
        .filter((part) => !((demand?.us[part]?.mean ?? 0) > 0))
        .map((part) => `${name}: ${part}`),
    );
    expect(without).toEqual([]);
    expect(buy?.database.statements).toBeGreaterThan(
      product?.database.statements ?? Number.POSITIVE_INFINITY,
    );
    expect(buy?.database.flushes).toBeGreaterThan(0);
    // Hashing a password is milliseconds of CPU, beside the thread that runs JavaScript.
    expect(logIn?.us.app?.mean).toBeGreaterThan(5000);
    expect(logIn?.threads['app thread']).toBeLessThan(logIn?.us.app?.mean ?? 0);
  });

  it('predicts before it measures, and names the bottleneck from evidence', () => {
    expect(result.prediction.words).toMatch(
      /^Prediction: \d+ cores \/ \d+ µs \(.*app \d+.*\) = \d+ requests\/s$/,
    );
    expect(result.pinned?.words).toMatch(/^With app alone on a core the law predicts \d+ requests\/s\.$/);
    expect(result.bottleneck).toMatch(/^In phase 1 the .+ saturates first, at [\d,]+ requests\/s/);
    const { apps, profile, statementsPerRequest } = result.evidence;
    expect(Object.keys(apps)).toEqual(['app']);
    expect(apps.app?.poolWait.times).toBeGreaterThan(0);
    expect(statementsPerRequest).toBeGreaterThan(0);
    expect(JSON.stringify(profile.frames)).toContain('lambda/shared/http/serve.ts');
  });

  it('reports in 80 columns, as a table, and as one page that loads nothing', () => {
    const lines = summary(run).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(summary(run).replaceAll('\n', ' ')).toContain(result.bottleneck);
    expect(phaseTable(run)).toMatch(/^\| 1 \| .*app \d+/m);
    const html = page(run);
    expect(html).toContain('<svg class="flame"');
    expect(html).not.toMatch(/(src|href)=|@import|url\(/);
    expect(html).toContain('prefers-color-scheme: dark');
  });
});

describeWith('mariadbd', 'nginx')('a fault under load', () => {
  it('is seen by callers and in the timeline, and no acknowledged write is lost', async () => {
    const [phase, fault] = [phaseNumbered(1), faultNamed('cut')];
    if (!phase || !fault) throw new Error('There is a phase 1, and a fault that cuts');
    const result = await runFault({ phase, fault, products: 500, seed: 1, say });
    expect(result.wrongRows).toEqual([]);
    expect(result.events.map(({ name }) => name)).toEqual(['cut', 'over']);
    const [from = 0, to = 0] = result.events.map(({ x }) => x);
    const during = result.timeline.filter(({ second }) => second >= from - 1 && second <= to);
    const disturbed = during.some(({ failed, slowest }) => failed > 0 || slowest > 500);
    expect(disturbed).toBe(true);
    expect(result.timeline.at(-2)?.right).toBeGreaterThan(0);
    expect(result.words).toMatch(/^Of \d+ requests .* failed.*;/);
  }, 240_000);
});
