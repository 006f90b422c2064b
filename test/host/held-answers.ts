import type { ServerResponse } from 'node:http';

/** Requests under way at an application that answers them only when it is told to. */
export class HeldAnswers {
  private held: ServerResponse[] = [];

  /** Holds an answer. */
  readonly hold = (_: unknown, answer: ServerResponse): void => {
    this.held.push(answer);
  };

  get count(): number {
    return this.held.length;
  }

  release(): void {
    for (const answer of this.held.splice(0)) answer.end('held');
  }
}
