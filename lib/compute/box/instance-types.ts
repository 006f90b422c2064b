/** An instance type of the box: the vertical ladder of row A2. */
export interface BoxSize {
  readonly name: string;
  /** Sustained network bandwidth in gigabits per second, in each direction. */
  readonly baselineGbps: number;
  /** Earns CPU credits (T family): sustained load above the baseline costs extra and has an alarm. */
  readonly burstable: boolean;
}

/** EC2's instance type specifications, "network specifications" of each family: baseline bandwidth in Gbps. */
const t4g = { small: 0.128, medium: 0.256, large: 0.512, xlarge: 1.024, '2xlarge': 2.048 };
const seventhGeneration = {
  medium: 0.52,
  large: 0.937,
  xlarge: 1.876,
  '2xlarge': 3.75,
  '4xlarge': 7.5,
  '8xlarge': 15,
  '12xlarge': 22.5,
  '16xlarge': 30,
};

/** Graviton only. t4g.nano and t4g.micro are left out: MariaDB, the app and nginx do not fit in 1 GiB. */
export const boxSizes: readonly BoxSize[] = [
  ...family('t4g', t4g, true),
  ...family('c7g', seventhGeneration, false),
  ...family('m7g', seventhGeneration, false),
  ...family('r7g', seventhGeneration, false),
];

function family(name: string, baselines: Record<string, number>, burstable: boolean): BoxSize[] {
  return Object.entries(baselines).map(([size, baselineGbps]) => ({
    name: `${name}.${size}`,
    baselineGbps,
    burstable,
  }));
}
