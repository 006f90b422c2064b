import { hash as argon2 } from '@node-rs/argon2';
import fc from 'fast-check';
import { GuessablePasswordError } from '../../../lambda/users/accounts/errors';

import { assertNotGuessable, createPasswords, OWASP } from '../../../lambda/users/passwords';
import { cheapPasswords } from './support';

describe('passwords', () => {
  it('are hashed with the parameters that OWASP asks for, unless a test says otherwise', async () => {
    expect(OWASP).toEqual({ memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    const passwords = createPasswords();
    const stored = await passwords.hash('correct horse battery');
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await passwords.verify(stored, 'correct horse battery')).toBe(true);
    expect(await passwords.verify(stored, 'correct horse batterY')).toBe(false);
  });

  it('have a salt of their own', async () => {
    const passwords = cheapPasswords();
    expect(await passwords.hash('the same')).not.toBe(await passwords.hash('the same'));
  });

  it('are verified against a hash of the same cost when there is none, and never match it', async () => {
    const verified: string[] = [];
    const passwords = createPasswords(OWASP, async (work) => {
      const started = process.cpuUsage();
      const result = await work();
      const { user, system } = process.cpuUsage(started);
      verified.push(user + system > 1000 ? 'worked' : 'did nothing');
      return result;
    });
    expect(await passwords.verify(undefined, 'anything')).toBe(false);
    expect(await passwords.verify(undefined, '')).toBe(false);
    expect(verified).toEqual(['worked', 'worked']);
  });

  it('are hashed again when the parameters change', async () => {
    const stored = await argon2('secret', { memoryCost: 128, timeCost: 1, parallelism: 1 });
    expect(createPasswords({ memoryCost: 128, timeCost: 1, parallelism: 1 }).isOutdated(stored)).toBe(false);
    for (const changed of [{ memoryCost: 256 }, { timeCost: 2 }, { parallelism: 2 }]) {
      const today = { memoryCost: 128, timeCost: 1, parallelism: 1, ...changed };
      expect(createPasswords(today).isOutdated(stored)).toBe(true);
    }
  });

  it('may be anything but the e-mail or the name, however these are written', () => {
    const person = { email: 'ada@example.com', name: 'Ada Lovelace' };
    for (const guessable of ['ada@example.com', 'ADA@example.COM', ' ada lovelace ', 'Ada Lovelace']) {
      expect(() => assertNotGuessable(guessable, person)).toThrow(GuessablePasswordError);
    }
    fc.assert(
      fc.property(fc.string({ minLength: 20 }), (password) => {
        assertNotGuessable(password, person);
      }),
    );
  });
});
