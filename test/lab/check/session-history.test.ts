import { createBook } from '../../../lab/check/book';
import { judgeSessions } from '../../../lab/check/session-history';

function used(...statuses: readonly number[]) {
  const book = createBook();
  for (const status of statuses) book.uses('a@lab.example', 'a token')(status);
  return judgeSessions(book);
}

test('a session that nobody ended is accepted, and what a server that fails says tells nothing', () => {
  expect(used(200, 503, 409, 200).wrong).toEqual([]);
  expect(used(200, 401, 200).wrong).toHaveLength(1);
});

test('a history shows no token', () => {
  expect(used(200, 401).wrong.join()).not.toContain('a token');
  expect(used(200, 401).wrong.join()).toContain('session 1');
});
