import { SETTING } from '../../lambda/shared/settings';
import { nodeProgram, type ServerCommand, type Servers } from './processes';

export interface AppOptions {
  /** For people. */
  readonly name: string;
  /** What is its own: tells its process from others. */
  readonly folder: string;
  readonly log: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly ended?: ServerCommand['ended'];
}

export interface App {
  readonly pid: number;
  readonly port: number;
  readonly log: string;
}

/** The shop's own process: the program that hosts run. */
export async function startApp(servers: Servers, options: AppOptions): Promise<App> {
  const { name, folder, log, port = 0, environment, ended } = options;
  const { pid, said } = await servers.start({
    ...{ name, log, ended },
    ...nodeProgram(['lambda', 'monolith', 'server.ts'], folder),
    env: {
      NODE_ENV: 'production',
      [SETTING.host]: '127.0.0.1',
      [SETTING.port]: String(port),
      ...environment,
    },
    ready: /"service":"shop","port":(\d+),"msg":"serving"/,
  });
  return { pid, port: Number(said[1]), log };
}

/** One that is replaced when it ends, as a group does with its hosts: on the same port, where nginx looks for it. */
export function keepApp(servers: Servers, say: (line: string) => void, options: AppOptions): Promise<App> {
  let { port } = options;
  const start = async () => {
    const app = await startApp(servers, { ...options, port, ended });
    port = app.port;
    return app;
  };
  const replace = async (why: string) => {
    say(why);
    const { pid } = await start();
    say(`${options.name} runs again as ${pid}`);
  };
  const ended = (why: string) => {
    replace(why).catch((error: Error) => servers.giveUp(error.message));
  };
  return start();
}
