/** CPU microseconds a request, by component. The generator is one of them, since it shares the machine. */
export type Demands = Readonly<Record<string, number>>;

/** Beyond this error a prediction is unproven, and not used to plan. */
const PROVEN_WITHIN = 0.25;

export const total = (demands: Demands): number => Object.values(demands).reduce((sum, us) => sum + us, 0);

/** The utilization law: each request takes the sum of its demands from the cores, which limits the rate of requests. */
export const predictedRate = (demands: Demands, cores: number): number => (cores * 1e6) / total(demands);

/** The same law for one component alone on a core and all others on the other cores: the first limit counts. */
export function pinnedRate(demands: Demands, pinned: string, cores: number): number {
  const alone = demands[pinned] ?? 0;
  const rest = total(demands) - alone;
  return Math.min(1e6 / alone, ((cores - 1) * 1e6) / rest);
}

export const predictionError = (predicted: number, measured: number): number =>
  Math.abs(measured - predicted) / predicted;

export const isProven = (predicted: number, measured: number): boolean =>
  predictionError(predicted, measured) <= PROVEN_WITHIN;
