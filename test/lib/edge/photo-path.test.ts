import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { renditionKey, renditionUrl } from '../../../lambda/inventory/photos/photo';

const code = readFileSync(join(__dirname, '../../../lib/edge/photo-path.viewer-request.js'), 'utf8');

/** The path that CloudFront requests from the bucket, by the very code that runs there. */
const asked = (uri: string): string =>
  runInNewContext(`${code}; handler({ request: { method: 'GET', uri } }).uri`, { uri });

test('a photo of a page is found under its key in the bucket', () => {
  const id = '0193a5b0-7c1e-7d3a-9b1f-3f2c8f6f0a11';
  expect(asked(renditionUrl(id, { width: 640 }))).toBe(`/${renditionKey(id, { width: 640 })}`);
});
