import { readConfig } from '../../../lib/config';
import { needsOf } from '../../../operate/preflight/needs';

const needs = (phase: number, instanceType?: string) =>
  needsOf(readConfig({ phase, instanceType }, 'us-east-1'));

test.each([
  [1, 4],
  [2, 4],
  [3, 28],
  [4, 32],
  [5, 96],
  [6, 423],
])('phase %i needs %i vCPUs at the worst moment of a deploy', (phase, room) => {
  expect(needs(phase).vCpus).toBe(room);
});

test('a bigger box needs more room, and another type', () => {
  expect(needs(1, 'm7g.2xlarge')).toMatchObject({ vCpus: 16, instanceTypes: ['m7g.2xlarge'] });
});

test('the types are those of the phase', () => {
  expect(needs(3).instanceTypes).toEqual(['t4g.small']);
  expect(needs(5).instanceTypes).toEqual(['c7g.medium', 'c7g.large']);
});
