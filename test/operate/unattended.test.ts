import { phases } from '../../lib/phases';
import { closedWays, unattendedRefusal } from '../../operate/unattended';

const numbered = (number: number) => phases[number - 1] as (typeof phases)[0];
const refusalOf = (deployed: number | undefined, wanted: number) =>
  unattendedRefusal(
    deployed === undefined ? undefined : { phase: deployed, zones: undefined },
    numbered(wanted),
  );

test.each(phases)('a release of phase $number goes on its own', ({ number }) => {
  expect(refusalOf(number, number)).toBeUndefined();
});

test('a first deploy, a jump and a step down need a person', () => {
  expect(refusalOf(undefined, 1)).toMatch(/Nothing is deployed/);
  expect(refusalOf(1, 3)).toMatch(/one at a time/);
  expect(refusalOf(4, 3)).toMatch(/would remove/);
  expect(refusalOf(99, 5)).toMatch(/would remove/);
});

test.each([
  [1, 2, ['the database gets another place']],
  [2, 3, ['the data stays in Aurora and S3']],
  [3, 4, ['the box goes']],
  [4, 5, ["the box's last parts go"]],
])('the step from %i to %i closes a way back, so it never runs unattended', (before, after, ways) => {
  expect(closedWays(numbered(before), numbered(after))).toEqual(ways);
  expect(refusalOf(before, after)).toContain('Deploy it by hand');
});

test('a step that only adds may run unattended', () => {
  const grown = { ...numbered(5), title: 'Bigger' };
  expect(closedWays(numbered(5), grown)).toEqual([]);
});
