import { join } from 'node:path';
import { SETTING } from '../../lambda/shared/settings';
import { nodeProgram, type Servers } from './processes';

/** The shop's own process, on a free port: the program that the box runs. */
export async function startApp(
  servers: Servers,
  home: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ port: number; log: string }> {
  const log = join(home, 'app.log');
  const [, port] = await servers.start({
    name: 'The app',
    ...nodeProgram(['lambda', 'monolith', 'server.ts'], home),
    env: { NODE_ENV: 'production', [SETTING.host]: '127.0.0.1', [SETTING.port]: '0', ...environment },
    log,
    ready: /"service":"shop","port":(\d+),"msg":"serving"/,
  });
  return { port: Number(port), log };
}
