import type { BillRow } from '../../review/cost/bill';
import { charge, type PriceName, priceOf } from '../../review/cost/prices';
import { dollars } from '../../review/cost/text';
import type { Plan } from './plan';

/** A way to pay less, with its effect on a month. */
export interface Advice {
  readonly change: string;
  readonly saves: number;
}

const CDN: readonly PriceName[] = ['CDN requests', 'CDN traffic', 'CDN function calls'];
const LOGS: readonly PriceName[] = ['logs ingested', 'logs kept', 'endpoint traffic'];

/** Requests are paid at the CDN, at the firewall and as log lines, before a server answers them. */
export function entranceOf(bill: readonly BillRow[]): number {
  return costOf(bill, [...CDN, 'requests inspected', ...LOGS]);
}

export function serversOf(bill: readonly BillRow[]): number {
  const isHost = ({ price }: BillRow) => /^[a-z]\d\w*\.\w+$/.test(price);
  return sum(bill.filter(isHost).map(({ usd }) => usd));
}

/** Changes that would be cheaper, the largest saving first. */
export function adviceFor({ bill, rung, cheaper, totals }: Plan): Advice[] {
  const entrance = entranceOf(bill);
  const perRequest = costOf(bill, ['CDN requests', 'requests inspected', ...LOGS]);
  const cdnAndFirewall = costOf(bill, [...CDN, 'requests inspected', 'web ACL', 'web ACL rule']);
  const logs = costOf(bill, LOGS);
  const straight = charge(
    priceOf('traffic to the internet'),
    sum(bill.filter(({ price }) => price === 'CDN traffic').map(({ units }) => units)),
  );
  const all: Advice[] = [
    {
      change: 'a negotiated price: half for what is paid by the request',
      saves: perRequest / 2,
    },
    { change: 'fewer requests: one answer for what five ask for now', saves: perRequest * 0.8 },
    { change: 'another entrance: straight to the balancers, without CDN', saves: cdnAndFirewall - straight },
    ...(rung.phase.loggedReadsPercent > 1
      ? [{ change: 'log one of a hundred requests', saves: logs * 0.99 }]
      : []),
    ...(cheaper
      ? [
          {
            change: `stay in phase ${cheaper.rung.phase.number}, which bears ${short(cheaper.rung.bears)} users`,
            saves: totals.fixed + totals.usage - cheaper.usd,
          },
        ]
      : []),
  ];
  const worth = rung.phase.edge === 'cdn' && entrance > 0 ? all : all.slice(3);
  return worth.filter(({ saves }) => saves >= 0.5).sort((one, other) => other.saves - one.saves);
}

export const saving = ({ saves }: Advice): string => `-${dollars(saves)}`;

/** 10,000,000 as "10 M". */
export function short(value: number): string {
  if (!Number.isFinite(value)) return 'any';
  const unit = [
    { name: ' B', size: 1e9 },
    { name: ' M', size: 1e6 },
    { name: ' k', size: 1e4 },
  ].find(({ size }) => value >= size);
  if (!unit) return Math.floor(value).toLocaleString('en');
  const size = unit.size === 1e4 ? 1e3 : unit.size;
  return `${Number((value / size).toPrecision(3)).toLocaleString('en')}${unit.name}`;
}

const costOf = (bill: readonly BillRow[], prices: readonly PriceName[]): number =>
  sum(bill.filter(({ price }) => prices.includes(price)).map(({ usd }) => usd));

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
