import { UPLOAD_SECONDS } from '../../lambda/inventory/photos/service';
import { judge, type Verdict } from '../history/judge';
import { describePhoto, type PhotoStatus, photoModel, withBackground } from '../history/photo-model';
import type { Book } from './book';
import { photosIn, type Schemas } from './rows';

/** Notes in what status each photo is that somebody was allowed to upload. */
export async function lookAtPhotos(schemas: Schemas, book: Book): Promise<void> {
  const known = new Set(book.photoCalls.calls().map(({ key }) => key));
  const looks = [...known].map((id) => ({
    id,
    answered: book.photoCalls.begin('auditor', id, { kind: 'look' }),
  }));
  const statusOf = new Map((await photosIn(schemas)).map(({ id, status }) => [id, status]));
  for (const { id, answered } of looks) {
    const status = statusOf.get(id) ?? 'deleting';
    answered({ kind: 'seen', status: status === 'deleting' ? 'none' : (status as PhotoStatus) });
  }
}

/** Judges the calls of a book about photos, which workers finish without being asked. */
export const judgePhotos = (book: Book): Verdict =>
  judge(withBackground(book.photoCalls.calls(), UPLOAD_SECONDS * 1000), {
    modelOf: () => photoModel,
    describe: describePhoto,
  });
