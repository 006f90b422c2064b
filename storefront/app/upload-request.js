import { ProblemError, UnreachableError } from './api.js';

/** A connection without progress for this long, in ms, counts as lost. */
const STALLED_MS = 30_000;

/**
 * Uploads a file to the URL of a ticket; `sent` receives the progress from 0 to 1. XMLHttpRequest, since fetch reports
 * no upload progress. A file that is already stored (412) counts as sent: the first response was lost.
 * @throws ProblemError, UnreachableError, or AbortError when `signal` aborts
 */
export function put({ method, url, headers }, file, { signal, sent }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    let stalled;
    const alive = () => {
      clearTimeout(stalled);
      stalled = setTimeout(abort, STALLED_MS);
    };
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      alive();
      sent(loaded / total);
    });
    request.addEventListener('loadend', () => {
      clearTimeout(stalled);
      signal.removeEventListener('abort', abort);
      const { status } = request;
      if (signal.aborted) reject(signal.reason);
      else if (status === 0) reject(new UnreachableError('The connection was lost'));
      else if (status < 300 || status === 412) resolve();
      else reject(problemOf(request));
    });
    signal.addEventListener('abort', abort);
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    alive();
    request.send(file);
  });
}

/** The shop's own store responds with problem details, S3 with XML that is not meant for people. */
function problemOf({ status, responseText }) {
  const unknown = { type: 'unexpected', title: `The photo could not be uploaded (${status})`, status };
  try {
    return new ProblemError({ ...unknown, ...JSON.parse(responseText) });
  } catch {
    return new ProblemError(unknown);
  }
}
