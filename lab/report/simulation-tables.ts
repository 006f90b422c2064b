import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../lib/root';
import { BOUNDS, type Measured, measureBounds } from '../analysis/scaling-bounds';
import { costsOfDays, FLEETS } from '../analysis/scaling-cost';
import ASSUMED from '../simulation/assumptions.json';
import { PLANS, TIERS } from '../simulation/fleet';

/** A table for the page, the terminal and the documents. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Nothing here is measured or random: the same plans give the same tables. */
export function simulationTables(): Readonly<Record<'costs' | 'bounds' | 'sizes' | 'dearer', Table>> {
  const dearer = TIERS.map((tier) => ({
    ...tier,
    cpuSeconds: tier.cpuSeconds * DEARER,
    threadSeconds: tier.threadSeconds * DEARER,
  }));
  return {
    costs: costTable(),
    bounds: boundTable(measureBounds(PLANS)),
    sizes: sizeTable(),
    dearer: boundTable(
      measureBounds(
        PLANS,
        BOUNDS.filter(({ tuned }) => !tuned),
        dearer,
      ),
    ),
  };
}

/** If a core of the fleet does only half of the work of a core of the lab, instead of 0.7 (assumptions.json). */
export const DEARER = 1.4;

function costTable(): Table {
  return {
    head: ['USD, and requests shed', ...FLEETS.map(({ name }) => name)],
    rows: costsOfDays().map(({ day, costs }) => [
      day,
      ...costs.map(({ usd, shed }) => `${dollars(usd)}${shed > 0.00005 ? `, ${percent(shed)} shed` : ''}`),
    ]),
  };
}

function boundTable(measured: readonly Measured[]): Table {
  const names = [...new Set(measured.map(({ bound }) => bound))];
  return {
    head: ['promise', ...TIERS.map(({ name }) => name)],
    rows: names.map((bound) => [
      bound.name,
      ...TIERS.map(({ name }) => {
        const one = measured.find((other) => other.bound === bound && other.tier === name);
        return one ? `${Number(one.value.toFixed(2))}${one.holds ? '' : ', broken'}` : '–';
      }),
    ]),
  };
}

/** The groups' sizes, as plans and fixed. */
function sizeTable(): Table {
  return {
    head: ['hosts', ...TIERS.map(({ name }) => name)],
    rows: FLEETS.map(({ name, plans }) => [
      name,
      ...TIERS.map((tier) => {
        const { minimum, maximum, businessHours, instanceType } = plans[tier.name];
        const range = minimum === maximum ? `${minimum}` : `${minimum} to ${maximum}`;
        return `${range} ${instanceType}${businessHours ? `, ${businessHours.minimum} in business hours` : ''}`;
      }),
    ]),
  };
}

export function assumptionTable(): Table {
  return {
    head: ['assumed', 'about', 'source'],
    rows: Object.values(ASSUMED).map(({ value, unit, about, source }) => [
      `${value.toLocaleString('en')} ${unit}`,
      about,
      source,
    ]),
  };
}

const dollars = (usd: number): string => (usd < 100 ? usd.toFixed(2) : Math.round(usd).toLocaleString('en'));

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 2 : 0)} %`;

const markdown = ({ head, rows }: Table): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** Puts the tables into their places in a document. @throws Error if it lacks one */
export function withSimulation(document: string): string {
  const tables = { ...simulationTables(), assumptions: assumptionTable() };
  return Object.entries(tables).reduce<string>((text, [name, table]) => {
    const place = new RegExp(`(<!-- simulated: ${name} -->\n)[\\s\\S]*?(<!-- simulated: end -->)`);
    if (!place.test(text))
      throw new Error(`The document has no place for a table: <!-- simulated: ${name} -->`);
    return text.replace(place, (_, begin: string, end: string) => `${begin}${markdown(table)}\n${end}`);
  }, document);
}

/** The document that quotes the simulation. */
export const SCALING = join(ROOT, 'docs', 'scaling.md');

export function updateScaling(): void {
  writeFileSync(SCALING, withSimulation(readFileSync(SCALING, 'utf8')));
}
