import type { Random } from './random';

/** Requests a second at a moment, given in seconds since the start. */
export type RateProfile = (second: number) => number;

/** Milliseconds since the start at which requests are due, in order. */
export type Arrivals = Iterable<number>;

/** Independent callers: a Poisson process whose rate follows the profile, by thinning one at the peak rate. */
export function* poisson(profile: RateProfile, peak: number, seconds: number, random: Random): Arrivals {
  for (let at = 0; ; ) {
    at += -Math.log(1 - random()) / peak;
    if (at >= seconds) return;
    if (random() * peak < profile(at)) yield at * 1000;
  }
}

/** At equal distances. */
export function* evenly(rate: number, seconds: number): Arrivals {
  const count = Math.floor(rate * seconds);
  for (let n = 0; n < count; n++) yield (n * 1000) / rate;
}

export const constant =
  (rate: number): RateProfile =>
  () =>
    rate;
