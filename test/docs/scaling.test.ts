import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planningRun } from '../../lab/report/run';
import { SCALING, withSimulation } from '../../lab/report/simulation-tables';
import ASSUMED from '../../lab/simulation/assumptions.json';
import { PLANS, PRICES, TIERS } from '../../lab/simulation/fleet';

test('docs/scaling.md quotes the simulation, figure by figure: npm run lab -- --simulate --keep', () => {
  const document = readFileSync(SCALING, 'utf8');
  expect(document).toBe(withSimulation(document));
});

test('the demands that are simulated are those of the kept run', () => {
  const demand = planningRun().phases.find(({ phase }) => phase === 4)?.demand.scenario;
  const micros = Object.fromEntries(
    TIERS.map(({ name, cpuSeconds }) => [name, cpuSeconds * 1e6 * ASSUMED.core.value]),
  );
  expect(micros.web).toBeCloseTo(demand?.us.nginx?.mean ?? 0, 0);
  expect(micros.read).toBeCloseTo(demand?.us.read?.mean ?? 0, 0);
  // Beside purchases: two log-ins and half a sign-up in a thousand requests.
  expect(micros.write).toBeGreaterThan(demand?.us.write?.mean ?? 0);
});

test('the simulated hosts have the cores of the planned types', () => {
  for (const { name, cores } of TIERS) {
    expect(PLANS[name].instanceType).toBe(cores === 1 ? 'c7g.medium' : 'c7g.large');
    expect(PRICES[PLANS[name].instanceType]).toBeGreaterThan(0);
  }
});

test('the simulation stays small enough to read: 300 lines', () => {
  const folder = join(__dirname, '../../lab/simulation');
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const lines = files.flatMap((file) => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n'));
  expect(lines.length).toBeLessThanOrEqual(300);
});

test('each assumption has a source', () => {
  for (const { value, unit, about, source } of Object.values(ASSUMED)) {
    expect(value).toBeGreaterThan(0);
    for (const text of [unit, about, source]) expect(text).not.toBe('');
  }
});
