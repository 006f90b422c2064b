import fc from 'fast-check';
import { NewAccount, NewName } from '../../../lambda/users/accounts/schemas';
import { Email } from '../../../lambda/users/schemas';

describe('an e-mail', () => {
  it('is trimmed, NFC and lower-case', () => {
    expect(Email.parse('  Ada.LOVELACE@Example.COM\n')).toBe('ada.lovelace@example.com');
    expect(Email.parse('ZOE\u0308@example.com')).toBe('zo\u00eb@example.com');
  });

  it('is the same account however often it is normalized', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (local) => {
        const once = Email.safeParse(`${local}@example.com`);
        if (once.success) expect(Email.parse(once.data)).toBe(once.data);
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused before it is normalized when it is so long that this would take a second', () => {
    const marks = '\u0301'.repeat(16_000) + '\u0323'.repeat(16_000);
    for (const field of ['email', 'password', 'name']) {
      const { error } = NewAccount.safeParse({
        email: 'a@b',
        password: 'p'.repeat(10),
        name: 'n',
        [field]: marks,
      });
      // The one issue says that nothing after the first limit was looked at.
      expect(error?.issues).toMatchObject([{ code: 'too_big', maximum: 1000, path: [field] }]);
    }
  });

  it('is refused when it is invalid', () => {
    for (const wrong of [
      '',
      'ada',
      '@example.com',
      'ada@',
      'a da@example.com',
      'a@b@c',
      'a\0b@example.com',
      '\ud800@x.y',
    ]) {
      expect(Email.safeParse(wrong).success).toBe(false);
    }
    expect(Email.safeParse(`${'a'.repeat(64)}@${'b'.repeat(190)}`).success).toBe(false);
  });
});

describe('the e-mail of a new account', () => {
  const fits = (email: string) =>
    NewAccount.safeParse({ email, password: 'p'.repeat(10), name: 'n' }).success;

  it('holds nothing that is invisible, so that no two accounts look the same', () => {
    expect(fits('zoe@example.com')).toBe(true);
    for (const invisible of ['\u200b', '\u200d', '\u00ad', '\ufeff', '\u2060', '\u202e', '\u3164', '\ufe0f'])
      expect([invisible, fits(`zo${invisible}e@example.com`)]).toEqual([invisible, false]);
  });

  it('has a domain that is written in one way', () => {
    for (const wrong of ['a@example.com.', 'a@.example.com', 'a@example..com']) {
      expect([wrong, fits(wrong)]).toEqual([wrong, false]);
      // Accounts of before the rule can still log in.
      expect(Email.safeParse(wrong).success).toBe(true);
    }
  });
});

describe('a name', () => {
  it('is what people are called anywhere', () => {
    for (const name of ['Ada', 'Ørsted', '山田 太郎', "O'Brien", '👩‍🔬', 'María José']) {
      expect(NewName.parse({ name }).name).toBe(name);
    }
  });

  it('is refused when it is empty, too long, cannot be stored or be seen', () => {
    const invisible = ['\u200b', 'Ada\u202e', '\u200d', '\u2800', '\u3164'];
    for (const name of ['', '   ', 'x'.repeat(101), 'a\u0000b', 'a\nb', '\udc00', 7, null, ...invisible]) {
      expect(NewName.safeParse({ name }).success).toBe(false);
    }
  });
});

describe('a new account', () => {
  const account = { email: 'ada@example.com', password: 'correct horse battery', name: 'Ada' };

  it('has a password of 10 to 200 characters of any kind', () => {
    for (const password of ['1234567890', ' '.repeat(10), 'пароль-пароль', 'x'.repeat(200)]) {
      expect(NewAccount.safeParse({ ...account, password }).success).toBe(true);
    }
    for (const password of ['123456789', 'x'.repeat(201), 1234567890, ['1234567890']]) {
      expect(NewAccount.safeParse({ ...account, password }).success).toBe(false);
    }
  });

  it('has nothing else: nobody gives themselves a role', () => {
    expect(NewAccount.safeParse({ ...account, role: 'staff' }).success).toBe(false);
    expect(NewAccount.safeParse({ ...account, id: 'mine' }).success).toBe(false);
  });
});
