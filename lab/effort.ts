import type { Effort } from './run-phase';

/** About seven minutes a phase on a quiet machine. */
export const FULL: Effort = {
  products: 50_000,
  actions: [
    ...(['product', 'forged cookie', 'missing product', 'front page', 'category', 'search'] as const),
    ...(['profile', 'buy', 'buy hot', 'sign up', 'log in', 'photo'] as const),
  ],
  repetitions: 4,
  seconds: 3,
  ramps: 3,
  halvings: 2,
  pinned: true,
};

/** Two minutes for one phase: enough to see that everything works, too short for figures. */
export const QUICK: Effort = {
  products: 2000,
  actions: ['product', 'front page', 'buy', 'log in'],
  repetitions: 2,
  seconds: 1.5,
  ramps: 1,
  halvings: 0,
  pinned: false,
};
