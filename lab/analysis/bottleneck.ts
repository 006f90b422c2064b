import type { Demands } from './utilization';

/** A resource of the fleet that can be used up: the demands that it serves, and its cores, in those of this machine. */
export interface Resource {
  readonly name: string;
  readonly serves: readonly string[];
  readonly cores: number;
}

export interface Limit extends Resource {
  /** Microseconds that it works for a request. */
  readonly demand: number;
  /** Requests a second at which all of it is used. */
  readonly rate: number;
}

/** The resource that is used up first comes first. A resource that no request needs is left out. */
export function limitsOf(demands: Demands, fleet: readonly Resource[]): Limit[] {
  return fleet
    .map((resource) => {
      const demand = resource.serves.reduce((sum, name) => sum + (demands[name] ?? 0), 0);
      return {
        ...resource,
        demand,
        rate: demand > 0 ? (resource.cores * 1e6) / demand : Number.POSITIVE_INFINITY,
      };
    })
    .filter(({ rate }) => Number.isFinite(rate))
    .sort((one, other) => one.rate - other.rate);
}

/** One sentence, from evidence. */
export function bottleneckSentence(phase: number, limits: readonly Limit[]): string {
  const [first, second] = limits;
  if (!first) return `In phase ${phase} nothing was used.`;
  const next = second ? `; the next is ${second.name} at ${rounded(second.rate)}` : '';
  return `In phase ${phase} ${first.name} saturates first, at ${rounded(first.rate)} requests/s on the fleet of phases.ts${next}.`;
}

/** Names the limits of the phase before that are higher now, and by which factor. */
export function relieved(before: readonly Limit[], after: readonly Limit[]): string | undefined {
  const [first] = before;
  const [now] = after;
  if (!first || !now) return undefined;
  const factor = now.rate / first.rate;
  const same =
    first.name === now.name
      ? 'is still the first to saturate'
      : `no longer saturates first, ${now.name} does`;
  return `${capital(first.name)} ${same}; the fleet serves ${factor.toFixed(1)} times as much.`;
}

/** The method is exact to two digits. */
export function rounded(value: number): string {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return (Math.round(value / unit) * unit).toLocaleString('en');
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
