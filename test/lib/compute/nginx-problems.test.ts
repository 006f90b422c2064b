import { readFileSync } from 'node:fs';
import {
  BAD_REQUEST,
  NOT_FOUND,
  OVERLOADED,
  type ProblemKind,
  TOO_LARGE,
  UNEXPECTED,
} from '../../../lambda/shared/http/problems';

const kinds: readonly ProblemKind[] = [BAD_REQUEST, NOT_FOUND, TOO_LARGE, UNEXPECTED, OVERLOADED];

/** The values of one of nginx's maps, by status. */
function valuesOf(configuration: string, variable: string): Record<string, string> {
  const [, body = ''] = new RegExp(`map \\$status \\$${variable} {\n([^}]*)`).exec(configuration) ?? [];
  return Object.fromEntries(
    [...body.matchAll(/(\w+) (?:'([^']*)'|(\S+));/g)].map(([, key, quoted, bare]) => [key, quoted ?? bare]),
  );
}

describe.each(['box', 'web'])('the nginx of %s', (host) => {
  const configuration = readFileSync(`lib/compute/${host}/host/nginx/nginx.conf`, 'utf8');
  const [types, titles] = ['problem_type', 'problem_title'].map((name) => valuesOf(configuration, name));

  test.each(kinds)('answers $status with the same problem as the app', ({ status, type, title }) => {
    expect([types?.[status], titles?.[status]]).toEqual([type, title]);
  });

  test('gives a type and a title to the same statuses', () => {
    expect(Object.keys(titles ?? {})).toEqual(Object.keys(types ?? {}));
  });
});
