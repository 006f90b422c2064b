import fc from 'fast-check';
import type { Json } from '../../review/cloudformation';
import { inline, render, renderEntry } from '../../review/render';

const text = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'true',
    '443',
    '1e3',
    '10.0.0.0/8',
    '0x1',
    '!Ref Box',
    '',
    '|',
    '- a',
    'a: b',
    '[a, b]',
    'long '.repeat(40),
  ),
  fc.constantFrom('#!/bin/bash\nset -e\n', '  indented\n\nlines', `${'wide '.repeat(30)}\nKey: value`),
);
const key = fc.oneof(
  fc.string(),
  fc.constantFrom('Ref', 'Fn::Base64', 'Fn::ImportValue', 'Type', 'a: b', '"'),
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test('two values that differ never read the same', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(render(one)).not.toEqual(render(other));
    }),
    { numRuns: 500 },
  );
});

test('a value that differs in one place reads differently', () => {
  const entries = fc.dictionary(fc.constantFrom('A', 'B', 'C'), value, { minKeys: 1, noNullPrototype: true });
  fc.assert(
    fc.property(entries, value, (before, next) => {
      const [name = ''] = Object.keys(before);
      fc.pre(JSON.stringify(before[name]) !== JSON.stringify(next));
      expect(render({ ...before, [name]: next })).not.toEqual(render(before));
    }),
    { numRuns: 500 },
  );
});

test('distinguishes values in a text from the text itself', () => {
  const literal = fc.stringMatching(/^[${}a!]{0,6}$/);
  const ref = fc.constantFrom('Box', 'Data').map((Ref) => ({ Ref }));
  const parts = fc.array(fc.tuple(literal, ref), { maxLength: 3 }).map((pairs) => pairs.flat());
  const join = (all: Json[]): Json => ({ 'Fn::Join': ['', all] });
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(inline(join(one))).not.toBe(inline(join(other)));
    }),
    { numRuns: 500 },
  );
});

test('functions of CloudFormation are short', () => {
  expect(inline({ Ref: 'Box' })).toBe('!Ref Box');
  expect(inline({ 'Fn::GetAtt': ['Box', 'Arn'] })).toBe('!GetAtt Box.Arn');
  const arn = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::x']] };
  expect(inline(arn)).toBe(`!Join "arn:\${!Ref AWS::Partition}:s3:::x"`);
  expect(inline({ 'Fn::Select': [0, { 'Fn::GetAZs': '' }] })).toBe('!Select [0, !GetAZs ""]');
});

test('a script stands as it is, line by line', () => {
  const script = `#!/bin/bash\n${'echo "a long line that does not fit beside its key"\n'.repeat(3)}`;
  expect(renderEntry('UserData', { 'Fn::Base64': script })).toEqual([
    'UserData: !Base64 |',
    '      #!/bin/bash',
    ...Array(3).fill('      echo "a long line that does not fit beside its key"'),
    '',
  ]);
});

test('asset hashes are left out, so that a change of code changes no snapshot', () => {
  const key = (hash: string) => inline({ S3Key: `${hash.repeat(64)}.zip` });
  expect(key('a')).toBe('{ S3Key: <asset>.zip }');
  expect(key('1')).toBe(key('a'));
});
