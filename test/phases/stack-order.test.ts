import { everyPhase, synthesized } from './synthesized';

/** It approves the deploy, or stops it before anything has changed. */
const isGuard = ({ Type }: { readonly Type: string }) => Type === 'Custom::PhaseGuard';

describe.each(everyPhase)('phase $number ($options)', ({ number, options }) => {
  const { templates, deployedAfter } = synthesized(number, options);
  const stacks = Object.keys(templates);
  const [guarded = ''] = stacks.filter((stack) =>
    Object.values(templates[stack]?.Resources ?? {}).some(isGuard),
  );

  test('changes nothing before the guard has approved it', () => {
    // Roles for the pipeline exist beside the shop, and change nothing of it.
    const free = stacks.filter((stack) => stack !== guarded && !deployedAfter[stack]?.includes(guarded));
    expect([guarded.endsWith('Network'), free]).toEqual([true, []]);
  });
});
