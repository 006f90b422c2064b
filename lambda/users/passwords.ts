import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { GuessablePasswordError } from './errors';
import { createTurnstile, type Turnstile } from './turnstile';

export interface Argon2Parameters {
  /** KiB. */
  readonly memoryCost: number;
  /** Passes. */
  readonly timeCost: number;
  /** Lanes. */
  readonly parallelism: number;
}

/** OWASP Password Storage Cheat Sheet: argon2id with m=19456 (19 MiB), t=2, p=1. About 8.5 ms of one core. */
export const OWASP: Argon2Parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface Passwords {
  /** An argon2id hash in PHC form, parameters and salt included. */
  hash(password: string): Promise<string>;
  /** Takes the same time when there is no hash to compare with, and is false then. */
  verify(stored: string | undefined, password: string): Promise<boolean>;
  /** Whether the hash was made with other parameters than today's. */
  isOutdated(stored: string): boolean;
}

/** All hashing goes through one turnstile: without it 50 log-ins a second halve the reads of the same core. */
export function createPasswords(
  parameters: Argon2Parameters = OWASP,
  turnstile: Turnstile = createTurnstile({ places: Math.max(1, availableParallelism() - 1), waiting: 100 }),
): Passwords {
  const nobody = hashOfNothing(parameters);
  return {
    hash: (password) => turnstile(() => hash(password, parameters)),
    verify: async (stored, password) => {
      const matches = await turnstile(() => verify(stored ?? nobody, password));
      return matches && stored !== undefined;
    },
    isOutdated: (stored) => {
      const { memoryCost, timeCost, parallelism } = parseOptions(stored);
      const { memoryCost: memory, timeCost: time, parallelism: lanes } = parameters;
      return memoryCost !== memory || timeCost !== time || parallelism !== lanes;
    },
  };
}

/** @throws GuessablePasswordError when the password is the e-mail or the name, however it is written */
export function assertNotGuessable(password: string, of: { email: string; name: string }): void {
  const plain = (text: string) => text.trim().normalize('NFKC').toLowerCase();
  if ([of.email, of.name].some((known) => plain(known) === plain(password))) {
    throw new GuessablePasswordError('A password must be something else than your e-mail or name');
  }
}

/** A hash that no password has, as costly to verify as a real one. */
function hashOfNothing({ memoryCost, timeCost, parallelism }: Argon2Parameters): string {
  const [salt, output] = [16, 32].map((bytes) => randomBytes(bytes).toString('base64').replaceAll('=', ''));
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${salt}$${output}`;
}
