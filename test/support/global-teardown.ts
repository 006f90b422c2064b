import { rmSync } from 'node:fs';

export default async function tearDown(): Promise<void> {
  await Promise.all(globalThis.sharedServers.map((server) => server.stop()));
  rmSync(globalThis.temporaryFolder, { recursive: true, force: true });
}
