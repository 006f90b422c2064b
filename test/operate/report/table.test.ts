import fc from 'fast-check';
import { exitCode, judged, type Row, skipped, toLookAt } from '../../../operate/report/row';
import { summary, table } from '../../../operate/report/table';

const unseen: Row = {
  subject: 'stacks',
  verdict: 'unseen',
  found: 'not allowed: CloudFormation DescribeStacks',
  needed: 'none under way or failed',
  mend: [],
};
const raise = `aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A --desired-value 128`;

test('a row has its verdict, what was found, what is needed and the command that mends it', () => {
  const rows = [
    judged('phase', '3 is deployed', '4'),
    judged('vCPUs of hosts', '5', '32, all groups at their maximum while a release rolls', [raise]),
    toLookAt('balancers', 'none yet', 'the account may make one', ['docs/deploy.md, "A rehearsal"']),
    unseen,
    skipped('VPCs', 'deployed'),
  ];
  expect(`\n${table(rows, false)}\n${summary(rows)}`).toMatchInlineSnapshot(`
"
        looked at             found                     needed
ok      phase                 3 is deployed             4
MEND    vCPUs of hosts        5                         32, all groups at their
                                                        maximum while a release
                                                        rolls
        aws service-quotas request-service-quota-increase --service-code ec2 \\
          --quota-code L-1216C47A --desired-value 128
look    balancers             none yet                  the account may make one
        docs/deploy.md, "A rehearsal"
unseen  stacks                not allowed:              none under way or failed
                              CloudFormation
                              DescribeStacks
skip    VPCs                  deployed

1 as needed, 1 to mend, 1 to look at by hand, 1 not seen, 1 skipped.
Nothing in the account was changed.
"
`);
});

test('colours repeat the words, and nothing is lost without them', () => {
  const rows = [judged('phase', '3', '4', ['npm run move']), unseen];
  const colored = table(rows, true);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
  const plain = colored.replace(/\u001b\[\d+m/g, '');
  expect(colored).not.toBe(plain);
  expect(plain).toBe(table(rows, false));
});

test('no line is longer than 80 columns, but for a single word of a command', () => {
  const words = fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 90 }), { maxLength: 12 });
  const text = words.map((some) => some.join(' ').trim());
  fc.assert(
    fc.property(text, text, text, (subject, found, needed) => {
      const lines = table([judged(subject, found, needed)], false).split('\n');
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
    }),
  );
});

test('a command that is continued over lines is the same command for a shell', () => {
  const [, , ...lines] = table([judged('a', 'b', 'c', [raise])], false)
    .trimEnd()
    .split('\n');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.every((line) => line.length <= 80)).toBe(true);
  expect(
    lines
      .join('\n')
      .replace(/ \\\n\s*/g, ' ')
      .trim(),
  ).toBe(raise);
});

test('the exit code tells a fault from what nobody could see', () => {
  const fine = judged('a', 'b', 'c');
  const bad = judged('a', 'b', 'c', ['npm run move']);
  expect(exitCode([fine, skipped('a', 'b')])).toBe(0);
  expect(exitCode([fine, bad, unseen])).toBe(1);
  expect(exitCode([fine, unseen])).toBe(3);
  expect(exitCode([fine, toLookAt('a', 'b', 'c', ['docs'])])).toBe(3);
});
