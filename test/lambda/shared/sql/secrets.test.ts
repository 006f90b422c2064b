import { credentialsFrom, credentialsReader } from '../../../../lambda/shared/sql/secrets';
import { SecretsManager } from '../../../lib/secrets-manager';

let secrets: SecretsManager;
beforeAll(async () => {
  secrets = await SecretsManager.start();
});

test('reads who the user is, the password, and which version of it this is', async () => {
  const read = credentialsReader('arn:users');
  const version = secrets.set('arn:users', { username: 'users_app', password: 'one' });
  expect(await read()).toEqual({ user: 'users_app', password: 'one', version });
  const next = secrets.set('arn:users', { username: 'users_app', password: 'two' });
  expect(await read()).toEqual({ user: 'users_app', password: 'two', version: next });
});

test('a secret that is not there is an error', async () => {
  await expect(credentialsReader('arn:missing')()).rejects.toThrow('ResourceNotFoundException');
});

test.each(['', 'not json', '[]', 'null', '{"username":"a"}', '{"username":1,"password":"hunter2"}'])(
  'says what a secret should hold, and never what it does (%s)',
  (text) => {
    expect(() => credentialsFrom(text)).toThrow(
      'The secret of a database user must be {"username": "…", "password": "…"}',
    );
  },
);
