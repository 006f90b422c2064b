import {
  namedUrls,
  percentFrom,
  portFrom,
  positiveFrom,
  required,
} from '../../../../lambda/shared/runtime/settings';

const NAME = 'SETTING';

it('is required or has a default', () => {
  expect(required({ [NAME]: 'value' }, NAME)).toBe('value');
  for (const value of [undefined, '']) expect(() => required({ [NAME]: value }, NAME)).toThrow(NAME);
  for (const read of [positiveFrom, percentFrom]) expect(read({}, NAME)).toBeUndefined();
  expect(portFrom({})).toBeUndefined();
});

it.each([
  ['positive', positiveFrom, ['0.5', '1', '1500'], ['0', '-1', 'many', '']],
  ['a share of a hundred', percentFrom, ['0.1', '1', '100'], ['0', '100.1', '-1', 'all', '']],
  [
    'a port',
    (env: Record<string, string>) => portFrom({ PORT: env[NAME] }),
    ['0', '443', '65535'],
    ['-1', '80.5', '65536', 'http'],
  ],
] as const)('is %s', (_, read, good, bad) => {
  for (const value of good) expect(read({ [NAME]: value }, NAME)).toBe(Number(value));
  for (const value of bad) expect(() => read({ [NAME]: value }, NAME)).toThrow(`not "${value}"`);
});

it('is a list of named URLs, which may have an equals sign themselves', () => {
  expect(namedUrls(undefined)).toEqual([]);
  expect(namedUrls(' a=mysql://x/y?b=c  d=file:z ')).toEqual([
    ['a', 'mysql://x/y?b=c'],
    ['d', 'file:z'],
  ]);
});
