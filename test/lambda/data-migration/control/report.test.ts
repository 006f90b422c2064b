import type { MoveResult, Step } from '../../../../lambda/data-migration/control/progress';
import { noticeLine, outcome, progressLine } from '../../../../lambda/data-migration/control/report';

const at = (step: Step, done = 0, total = 0) => ({ step, pass: 1, done, total });

const moved: MoveResult = {
  ...{ to: 'managed', moved: true, passes: 3, rowsCarried: 12, files: 0, bytes: 0, tables: [] },
  ...{ frozenMs: 412, held: 1200, refused: 2 },
};

test('shoppers wait from the pause of writes to the switch, and at no other step', () => {
  const steps: readonly Step[] = [
    'start',
    'rows',
    'recheck',
    'photos',
    'catch up',
    'freeze',
    'last rows',
    'verify',
    'switch',
    'drop',
  ];
  const waiting = steps.filter((step) => noticeLine(at(step)).includes('purchases and changes wait'));
  expect(waiting).toEqual(['freeze', 'last rows', 'verify', 'switch']);
});

test('a pass over more rows than were expected is at 100 %, and one that has just begun is not', () => {
  expect(progressLine(at('rows', 1300, 1200))).toBe('1.  Rows  1,300 of 1,200  100 %');
  expect(progressLine(at('rows', 1199, 1200))).toBe('1.  Rows  1,199 of 1,200  99 %');
});

test('a move says how many writes waited and how many were refused', () => {
  const said = (result: MoveResult) =>
    outcome({
      id: '1',
      command: 'move',
      state: 'done',
      starts: 1,
      at: '',
      result: { kind: 'moved', ...result },
    }).at(-1);
  expect(said(moved)).toBe('Writes were paused for 0.41 s: 1,200 were delayed, 2 refused.');
  expect(said({ ...moved, refused: 0 })).toBe(
    'Writes were paused for 0.41 s: 1,200 were delayed, none refused.',
  );
  expect(said({ ...moved, held: 0, refused: 0 })).toBe('Writes were paused for 0.41 s.');
});
