const MAX_DELAY_MS = 60_000;

/** Full jitter: a random delay up to a cap that doubles with every attempt, so that retries spread out. */
export function retryDelay(attempt: number, firstMs: number, random = Math.random): number {
  return random() * Math.min(MAX_DELAY_MS, firstMs * 2 ** (attempt - 1));
}

/**
 * For a message that failed: half of a cap, and a random part of the other half, so that the pauses last for a known time.
 * With a first cap of 4 s the four pauses before the fifth try take between 70 and 140 s: a store that is away for a minute
 * costs no photo, however lucky the dice.
 */
export function messagePause(receptions: number, firstMs: number, random = Math.random): number {
  const cap = Math.min(MAX_DELAY_MS, firstMs * 4 ** (receptions - 1));
  return cap / 2 + (random() * cap) / 2;
}
