import { SETTING } from '../../lambda/shared/runtime/settings';
import { keep } from './keep';
import { nodeProgram, type ServerCommand, type Servers } from './processes';

export interface AppOptions {
  /** Shown to people. */
  readonly name: string;
  /** Its own folder, which identifies its process. */
  readonly folder: string;
  readonly log: string;
  /** Default: a free port. */
  readonly port?: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly ended?: ServerCommand['ended'];
}

export interface App {
  readonly pid: number;
  readonly port: number;
  readonly log: string;
  /** Ends it when it is not needed any more: it finishes its requests. */
  end(): Promise<void>;
}

/** Starts the shop's process, the same program as on hosts. */
export async function startApp(servers: Servers, options: AppOptions): Promise<App> {
  const { name, folder, log, port = 0, environment, ended } = options;
  const { pid, said, end } = await servers.start({
    ...{ name, log, ended },
    ...nodeProgram('lambda/hosts/server.ts', folder),
    env: {
      NODE_ENV: 'production',
      [SETTING.host]: '127.0.0.1',
      [SETTING.port]: String(port),
      ...environment,
    },
    ready: /"service":"shop","port":(\d+),"msg":"serving"/,
  });
  return { pid, port: Number(said[1]), log, end };
}

/** Restarts the process when it ends, as a group replaces its hosts, on the same port, which nginx knows. */
export async function keepApp(
  servers: Servers,
  say: (line: string) => void,
  options: AppOptions,
): Promise<App> {
  let { port } = options;
  let needed = true;
  let current: App | undefined;
  const { log, port: kept } = await keep(servers, say, options.name, async (ended) => {
    const app = await startApp(servers, { ...options, port, ended });
    port = app.port;
    current = app;
    // It was replaced at the moment when nobody needed it any more.
    if (!needed) await app.end();
    return app;
  });
  return {
    ...{ log, port: kept },
    get pid() {
      return current?.pid ?? 0;
    },
    end: async () => {
      needed = false;
      await current?.end();
    },
  };
}
