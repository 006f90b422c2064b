import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import { createSemaphore, type Semaphore } from '../shared/runtime/semaphore';
import { span } from '../shared/runtime/trace';
import { GuessablePasswordError } from './accounts/errors';

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
  /** Without a stored hash it takes the same time and resolves to false. */
  verify(stored: string | undefined, password: string): Promise<boolean>;
  /** True if the hash was made with other parameters than the current ones. */
  isOutdated(stored: string): boolean;
}

/** One semaphore limits all hashing: without it, 50 log-ins a second halve the reads on the same core. */
export function createPasswords(
  parameters: Argon2Parameters = OWASP,
  semaphore: Semaphore = createSemaphore({ places: Math.max(1, availableParallelism() - 1), waiting: 100 }),
): Passwords {
  const nobody = hashOfNothing(parameters);
  return {
    hash: (password) => span('password hash', () => semaphore(() => hash(password, parameters))),
    verify: async (stored, password) => {
      const matches = await span('password verify', () =>
        semaphore(() => verify(stored ?? nobody, password)),
      );
      return matches && stored !== undefined;
    },
    isOutdated: (stored) => {
      const { memoryCost, timeCost, parallelism } = parseOptions(stored);
      const { memoryCost: memory, timeCost: time, parallelism: lanes } = parameters;
      return memoryCost !== memory || timeCost !== time || parallelism !== lanes;
    },
  };
}

/** @throws GuessablePasswordError if the password is the e-mail or the name, apart from case and width */
export function assertNotGuessable(password: string, of: { email: string; name: string }): void {
  const plain = (text: string) => text.trim().normalize('NFKC').toLowerCase();
  if ([of.email, of.name].some((known) => plain(known) === plain(password))) {
    throw new GuessablePasswordError('The password must differ from your e-mail and your name');
  }
}

/** A hash that no password matches, as costly to verify as a real one. */
function hashOfNothing({ memoryCost, timeCost, parallelism }: Argon2Parameters): string {
  const [salt, output] = [16, 32].map((bytes) => randomBytes(bytes).toString('base64').replaceAll('=', ''));
  return `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${salt}$${output}`;
}
