/** The moment of death: before the last step, or after it but before the process could know. */
export const MOMENTS = ['before', 'after'] as const;
type Moment = (typeof MOMENTS)[number];

/** Counts the effects of a process, and lets none happen after its last step. */
export function createMortality(lastStep: number, moment: Moment) {
  let steps = 0;
  let die: (reason: Error) => void = () => undefined;
  const death = new Promise<never>((_, reject) => {
    die = reject;
  });
  death.catch(() => undefined);
  const isDead = () => steps >= lastStep;
  const killed = () => new Error('killed');

  const mortal =
    <Args extends unknown[], Result>(step: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (isDead()) throw killed();
      steps++;
      if (isDead()) {
        // The process is dead before it sees the effect of the step.
        if (moment === 'after') await step(...args);
        die(killed());
        throw killed();
      }
      const result = await step(...args);
      if (isDead()) throw killed();
      return result;
    };

  return { death, isDead, mortal };
}
