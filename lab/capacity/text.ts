import { byService } from '../../review/cost/bill';
import { dollars, priceNotes, serviceRows } from '../../review/cost/text';
import { adviceFor, entranceOf, saving, serversOf, short } from './advice';
import ASSUMED from './assumptions.json';
import { mediumFor, readings } from './latency';
import type { Plan } from './plan';

/** A plan on a terminal of 80 columns. */
export function planText(plan: Plan): string {
  return [
    ...loadSection(plan),
    ...latencySection(plan),
    ...phaseSection(plan),
    ...fleetSection(plan),
    ...dataSection(plan),
    ...costSection(plan),
    ...nextSection(plan),
    ...priceNotes(plan.bill),
  ].join('\n');
}

const WIDTHS = [24, 14, 40];

function loadSection({ load }: Plan): string[] {
  const seconds = short(ASSUMED.month.value);
  const gigabytes = (value: number) => (value >= 1000 ? `${round(value / 1000)} TB` : `${round(value)} GB`);
  return [
    'Load',
    row(
      'users',
      short(load.users),
      `${short(load.users > 0 ? load.reads / load.users : 0)} reads a month each`,
    ),
    row('reads a month', short(load.reads), ''),
    row('writes a month', short(load.writes), `${round(load.reads / load.writes)} reads for each write`),
    row('reads a second', round(load.averageReads), `on average: ${seconds} seconds a month`),
    row('writes a second', round(load.averageWrites), 'on average'),
    row('requests at the peak', `${round(load.peak)}/s`, `${ASSUMED.peak.value} times the average of both`),
    row('new content a month', gigabytes(load.content), 'by writes; photos come besides'),
    row(
      `in ${load.months} months`,
      gigabytes(load.content * load.months),
      'mostly new content, not updates of old',
    ),
    row('photos a month', short(load.photos), ''),
    '',
  ];
}

function latencySection({ load, rung }: Plan): string[] {
  const reads = load.averageReads * ASSUMED.peak.value;
  const rate = load.peak;
  const kilobytes = ASSUMED.answerKilobytes.value;
  const busy = readings(rate, kilobytes).map(({ medium, busy: ms }) => `${medium} ${round(ms)} ms`);
  const medium = mediumFor(rate, kilobytes);
  const cache =
    rung.phase.cache !== 'none'
      ? 'a shared one, so that many hosts need one copy and a release begins warm'
      : "the database's own memory, then copies for seconds in nginx and the app";
  return [
    'Latency numbers decide where reads come from',
    '  1 MB in sequence: memory 250 us, SSD 4 x, disk 80 x',
    `  a second of the peak, ${round((reads * kilobytes) / 1000)} MB: ${busy.join(', ')}`,
    medium === 'memory'
      ? '  more than a tenth of it on an SSD: reads have to come from memory'
      : `  less than a tenth of it on ${medium === 'disk' ? 'a disk' : 'an SSD'}: memory only makes answers sooner`,
    `  the cache: ${cache}`,
    '',
  ].flatMap((line) => wrapped(line));
}

function phaseSection({ ladder, rung, load }: Plan): string[] {
  const mark = (one: (typeof ladder)[number]) => (one === rung ? '>' : ' ');
  const beyond = load.users >= rung.bears;
  return [
    `Phase ${rung.phase.number}, ${rung.phase.title}`,
    '    phase             from users  to users   bears by load       it ends by',
    ...ladder.map((one) =>
      [
        `  ${mark(one)} ${one.phase.number} ${one.phase.title}`.padEnd(22),
        short(one.from).padStart(10),
        short(one.to).padStart(10),
        `${short(one.bears)}${one.demands.proven ? '' : ', unproven'}`.padStart(19),
        `  ${one.because}`,
      ].join(''),
    ),
    ...(rung.demands.doubt ? wrapped(`  Unproven: ${rung.demands.doubt}.`) : []),
    ...(beyond
      ? wrapped(
          `  Its largest fleet bears ${short(rung.bears)} users; the figures below are what these would need.`,
        )
      : []),
    '',
  ];
}

function fleetSection({ groups, rung }: Plan): string[] {
  if (groups.length === 0)
    return ['Hosts', '  one box, which a bigger type replaces when it is too small', ''];
  return [
    `Hosts${rung.demands.proven ? '' : ', unproven'}      type          average   at the peak   minimum   maximum`,
    ...groups.map(({ name, instanceType, average, peak, minimum, maximum }) =>
      [
        `  ${name}`.padEnd(rung.demands.proven ? 11 : 21),
        instanceType.padEnd(12),
        String(average).padStart(9),
        String(peak).padStart(14),
        String(minimum).padStart(10),
        `${String(maximum).padStart(10)}${peak > maximum ? ' <' : ''}`,
      ].join(''),
    ),
    `  Core: ${ASSUMED.target.value * 100} % used on average, ${ASSUMED.headroom.value * 100} % at the peak, so that a zone may fail.`,
    '',
  ];
}

function dataSection({ database, load, rung }: Plan): string[] {
  const { phase } = rung;
  const aurora = phase.database.placement === 'aurora' ? phase.database : undefined;
  const units = (value: number) => `${round(value)} units`;
  return [
    'Data',
    ...(aurora
      ? [
          row('writer', units(database.writer.average), `${units(database.writer.peak)} at the peak`),
          row(
            'replicas together',
            units(database.replicas.average),
            `${units(database.replicas.peak)} at the peak`,
          ),
          row('limits of an instance', `${aurora.capacity.min} to ${aurora.capacity.max}`, 'capacity units'),
        ]
      : [row('database', 'on the box', '')]),
    row('shards by load', String(database.shards), 'of 128 units; more for isolation'),
    row('partitions', `${ASSUMED.rowMonths.value + 1}`, '3 months kept, and the present one'),
    row(
      'cache',
      phase.cache === 'none' ? 'none' : `${phase.cache.maxGigabytes} GB at most`,
      `${round((ASSUMED.productKilobytes.value + load.users * ASSUMED.sessionKilobytes.value) / 1e6)} GB wanted`,
    ),
    '',
  ];
}

function costSection(plan: Plan): string[] {
  const { bill, totals, load } = plan;
  const sum = totals.fixed + totals.usage;
  const entrance = entranceOf(bill);
  const servers = serversOf(bill);
  return [
    `Cost, USD a month${' '.repeat(24)}fixed    with use`,
    ...serviceRows(bill).map(
      ([service = '', fixed = '', usage = '']) =>
        `  ${service.padEnd(30)}${fixed.padStart(14)}${usage.padStart(12)}${marked(bill, service)}`,
    ),
    `  ${'together'.padEnd(30)}${dollars(totals.fixed).padStart(14)}${dollars(totals.usage).padStart(12)}`,
    `  ${'sum, and for 1,000 users'.padEnd(30)}${dollars(sum).padStart(14)}${dollars(load.users > 0 ? (sum / load.users) * 1000 : 0).padStart(12)}`,
    `  ${'free tiers, apart'.padEnd(30)}${dollars(-totals.freeTiers).padStart(14)}`,
    ...(entrance > servers
      ? wrapped(
          `  The way in (CDN, firewall, logs) costs ${dollars(entrance)}, ${round(entrance / servers)} times the servers' ${dollars(servers)}: it is paid by the request, and servers by the hour.`,
        )
      : []),
    '',
  ];
}

function nextSection(plan: Plan): string[] {
  const { rung, ladder } = plan;
  const next = ladder[ladder.indexOf(rung) + 1];
  const advice = adviceFor(plan);
  return [
    ...wrapped(`Next bottleneck: ${rung.first}, used up at ${short(rung.bears)} users.`),
    ...(next
      ? wrapped(`Phase ${next.phase.number} follows at ${short(rung.to)} users: ${next.phase.bottleneck}.`)
      : ['No phase follows.']),
    '',
    ...(advice.length > 0 ? ['Cheaper, each by itself, USD a month'] : []),
    ...advice.map((one) => `  ${one.change.padEnd(60)}${saving(one).padStart(14)}`),
    ...(advice.length > 0 ? [''] : []),
  ];
}

const marked = (bill: Plan['bill'], service: string): string => {
  const own = bill.filter((one) => byService([one])[0]?.service === service);
  return own.every(({ checked }) => checked) ? '' : ' ?';
};

const row = (name: string, value: string, note: string): string =>
  `  ${name.padEnd(WIDTHS[0] ?? 0)}${value.padStart(WIDTHS[1] ?? 0)}  ${note}`.trimEnd();

const round = (value: number): string => {
  if (!Number.isFinite(value)) return '–';
  return value >= 100
    ? Number(value.toPrecision(4)).toLocaleString('en', { maximumFractionDigits: 0 })
    : String(Number(value.toPrecision(2)));
};

/** Breaks a line at 80 columns, with its indent. */
function wrapped(line: string): string[] {
  if (line.length <= 80) return [line];
  const indent = /^ */.exec(line)?.[0] ?? '';
  const cut = line.lastIndexOf(' ', 80);
  return [line.slice(0, cut), ...wrapped(`${indent}  ${line.slice(cut + 1)}`.replace(/^( {4}) +/, '$1'))];
}
