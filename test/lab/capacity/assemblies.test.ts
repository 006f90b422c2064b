import { assembliesText } from '../../../lab/capacity/assemblies';
import { planningRun } from '../../../lab/report/run';
import { synthesized } from '../../phases/synthesized';

const [two, three] = [2, 3].map((number) => synthesized(number).templates);

test('a pull request that changes a phase shows what that changes in the bill', () => {
  const text = assembliesText(two ?? {}, three ?? {}, planningRun());
  expect(text).toContain('USD a month in phase 3 for 10,000 users');
  expect(text).toMatch(/t4g\.small, read hosts +fixed +\+36\.79 \?/);
});

test('one that changes no template changes no bill', () => {
  expect(assembliesText(three ?? {}, three ?? {}, planningRun())).toMatch(/the step +\+0\.00/);
});

test('templates without a phase are refused', () => {
  expect(() => assembliesText({}, {}, planningRun())).toThrow('The templates are of phase undefined');
});
