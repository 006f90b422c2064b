import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Files that end their lines as Windows does. The CDK gives them the name of the right ones, and uploads them once. */
export class CarriageReturnError extends Error {
  override readonly name = 'CarriageReturnError';
}

/** The folder itself. @throws CarriageReturnError when a text file in it has a carriage return, which bash would run */
export function withLineFeeds(folder: string): string {
  const wrong = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => hasCarriageReturn(readFileSync(file)))
    .map((file) => relative(process.cwd(), file));
  if (wrong.length > 0) {
    throw new CarriageReturnError(
      `Lines end with a carriage return and a line feed (CRLF) in ${wrong.join(', ')}. Hosts and browsers get these files as ` +
        `they are; expected are line feeds alone. Convert them: sed -i 's/\\r$//' ${wrong.join(' ')}`,
    );
  }
  return folder;
}

/** A file with a zero byte is no text. */
function hasCarriageReturn(content: Buffer): boolean {
  return content.includes('\r') && !content.includes(0);
}
