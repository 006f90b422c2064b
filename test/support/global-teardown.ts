import { rmSync } from 'node:fs';

export default async function tearDown(): Promise<void> {
  rmSync(process.env.TEST_SYNTHESES ?? '', { recursive: true, force: true });
  await globalThis.sharedMariaDb?.stop();
}
