import { vCpus } from '../../../lib/scaling/vcpus';

test.each([
  ['t4g.small', 2],
  ['t4g.xlarge', 4],
  ['c7g.medium', 1],
  ['m7g.large', 2],
  ['r7g.16xlarge', 64],
])('%s has %i vCPUs', (type, count) => {
  expect(vCpus(type)).toBe(count);
});
