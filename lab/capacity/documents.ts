import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '../../lib/phases';
import { ROOT } from '../../lib/root';
import { atMost } from '../../review/cost/at-most';
import { totalOf, totalsOf } from '../../review/cost/bill';
import { billDifference, signed } from '../../review/cost/difference';
import { PRICES, type Price, priceOf } from '../../review/cost/prices';
import { dollars, priceNotes, UNCHECKED } from '../../review/cost/text';
import { planningRun } from '../report/run';
import { short } from './advice';
import ASSUMED from './assumptions.json';
import { CHART_USERS, chartText } from './chart';
import { loadOf } from './load';
import { leftOf, phaseBill, stepBills, usersOf } from './phase-bill';
import { planFor, type TemplatesOf } from './plan';
import { besideServerless } from './serverless';
import { planText } from './text';

const DOCS = join(ROOT, 'docs');
/** The documents that quote figures of the plan and of the bill. */
export const DOCUMENTS = ['plan.md', 'deploy.md', 'teardown.md', 'talking-points.md'].map((name) =>
  join(DOCS, name),
);

/** Everything that documents quote, by the name in their marks. */
export function quotes(templatesOf: TemplatesOf): Readonly<Record<string, string>> {
  return {
    'ten million': fenced(planText(planFor({ users: 10_000_000 }, planningRun(), templatesOf))),
    'a million': fenced(planText(planFor({ users: 1_000_000 }, planningRun(), templatesOf))),
    chart: fenced(chart(templatesOf)),
    phases: phasesTable(templatesOf),
    serverless: serverlessTable(templatesOf),
    assumptions: assumptionsTable(),
    prices: pricesTable(),
    left: leftTable(templatesOf),
    ...Object.fromEntries(phases.map((phase) => [`phase ${phase.number}`, stepTable(phase, templatesOf)])),
  };
}

/** Puts the quotes into their places. @throws Error for a mark without a quote */
export function withQuotes(document: string, all: Readonly<Record<string, string>>): string {
  return document.replace(MARK, (_, begin: string, name: string, end: string) => {
    const quote = all[name];
    if (quote === undefined)
      throw new Error(
        `The mark "cost: ${name}" has no figures; expected one of ${Object.keys(all).join(', ')}`,
      );
    return `${begin}${quote}\n${end}`;
  });
}

const MARK = /(<!-- cost: ([\w ]+) -->\n)[\s\S]*?(<!-- cost: end -->)/g;

export function updateDocuments(templatesOf: TemplatesOf): void {
  const all = quotes(templatesOf);
  for (const path of DOCUMENTS) writeFileSync(path, withQuotes(readFileSync(path, 'utf8'), all));
}

const fenced = (text: string): string => `\`\`\`\n${text}\n\`\`\``;

function chart(templatesOf: TemplatesOf): string {
  return chartText(
    CHART_USERS.map((users) => {
      const { totals, rung } = planFor({ users }, planningRun(), templatesOf);
      return { users, usd: totalOf(totals), phase: rung.phase.number };
    }),
  );
}

function phasesTable(templatesOf: TemplatesOf): string {
  const rows = phases.map((phase) => {
    const totals = totalsOf(phaseBill(phase, planningRun(), templatesOf));
    return [
      `${phase.number} ${phase.title}`,
      short(usersOf(phase)),
      ...[totals.fixed, totals.usage, totalOf(totals), -totals.freeTiers].map(dollars),
    ];
  });
  return table(['phase', 'users', 'fixed', 'with use', 'together', 'free tiers, apart'], rows);
}

/** The way in and the storage are the same on both sides, so that what differs can be compared. */
function serverlessTable(templatesOf: TemplatesOf): string {
  const rows = phases.map((phase) => {
    const users = usersOf(phase);
    const bill = phaseBill(phase, planningRun(), templatesOf);
    const { inBoth, onHosts, functions, items } = besideServerless(bill, loadOf({ users }));
    return [
      `${phase.number} ${phase.title}`,
      short(users),
      ...[inBoth, onHosts, functions + items, inBoth + onHosts, inBoth + functions + items].map(dollars),
    ];
  });
  return table(
    ['phase', 'users', 'in both', 'hosts and data', 'functions and items', 'on hosts', 'serverless'],
    rows,
  );
}

/** The rows that are too small to list are one row, so that the sum is the sum. */
const SMALL = 0.2;

function stepTable(phase: (typeof phases)[number], templatesOf: TemplatesOf): string {
  const { before, after } = stepBills(phase, planningRun(), templatesOf);
  const changes = billDifference(before, after);
  const large = changes.filter(({ by }) => Math.abs(by) >= SMALL);
  const rest = changes.filter(({ by }) => Math.abs(by) < SMALL).reduce((sum, { by }) => sum + by, 0);
  const sum = totalOf(totalsOf(after)) - totalOf(totalsOf(before));
  return [
    table(
      [`for ${usersOf(phase) === 1 ? 'one user' : `${short(usersOf(phase))} users`}`, 'price', 'USD a month'],
      [
        ...large.map(({ about, price, kind, by }) => [
          `${about}${kind === 'usage' ? ' (use)' : ''}`,
          priceWords(price),
          signed(by),
        ]),
        ['smaller changes', '', signed(rest)],
        ['**sum**', '', `**${signed(sum)}**`],
        ['**all of the phase**', '', `**${dollars(totalOf(totalsOf(after)))}**`],
        ...atMost(templatesOf(phase)).map(({ about, usd }) => [about, '', dollars(usd)]),
      ],
    ),
    '',
    ...priceNotes(after),
  ].join('\n');
}

function priceWords(name: keyof typeof PRICES): string {
  const { usd, per, service, checked }: Price = priceOf(name);
  return `${usd} ${per === 'hour' ? 'an' : 'a'} ${per} (${service})${checked ? '' : ` ${UNCHECKED}`}`;
}

/** Everything that any phase leaves, with the phases after which it is there. */
function leftTable(templatesOf: TemplatesOf): string {
  const byPhase = phases.map((phase) => ({ phase, left: leftOf(phase, planningRun(), templatesOf) }));
  const names = [...new Set(byPhase.toReversed().flatMap(({ left }) => left.map(({ name }) => name)))];
  const rows = names.map((name) => {
    const found = byPhase.flatMap(({ phase, left }) =>
      left.filter((one) => one.name === name).map((one) => ({ ...one, number: phase.number })),
    );
    const last = found.at(-1);
    const numbers = found.map(({ number }) => number);
    return [
      name,
      last?.holds ?? '',
      `${numbers[0]} to ${numbers.at(-1)}`,
      dollars(last?.usd ?? 0),
      `\`${last?.remove ?? ''}\``.replace(', then ', '`, then `'),
    ];
  });
  return table(['left', 'holds', 'after phase', 'USD a month', 'end it with'], rows);
}

const assumptionsTable = (): string =>
  table(
    ['assumed', 'about', 'source'],
    Object.values(ASSUMED).map(({ value, unit, about, source }) => [
      `${value.toLocaleString('en', { maximumFractionDigits: 6 })} ${unit}`,
      about,
      source,
    ]),
  );

const pricesTable = (): string =>
  table(
    ['price', 'USD', 'source', 'date', 'checked'],
    Object.entries<Price>(PRICES).map(([name, { usd, per, service, source, date, checked }]) => [
      `${name} (${service})`,
      `${usd} a ${per}`,
      source,
      date,
      checked ? 'yes' : 'no',
    ]),
  );

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
