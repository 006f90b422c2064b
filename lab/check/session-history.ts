import { judge, type Verdict } from '../history/judge';
import { describeSession, sessionModel } from '../history/session-model';
import type { Book } from './book';

/** Judges the calls of a book with sessions: nobody ended one, so none may be refused. */
export const judgeSessions = (book: Book): Verdict =>
  judge(book.sessions.calls(), { modelOf: () => sessionModel, describe: describeSession });
