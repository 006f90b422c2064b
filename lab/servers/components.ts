import type { Recorded } from '../../local/servers/pidfile';

/** The tiers of the fleet on one machine: some processes each, with their children. */
export const COMPONENTS = [
  ...([
    'nginx',
    'balancers',
    'app',
    'read',
    'write',
    'usersRead',
    'usersWrite',
    'database',
    'standby',
    'reader',
    'cache',
    's3',
    'dynamodb',
    'sqs',
    'photo-worker',
    'users-mover',
  ] as const),
] as const;
export type Component = (typeof COMPONENTS)[number];

/** Our own programs that are not the app. */
const OTHERS = ['s3', 'dynamodb', 'sqs', 'photo-worker', 'users-mover'] as const;

/** The pids of the leaders of process groups, by component of the phase. */
export type Processes = Readonly<Partial<Record<Component, readonly number[]>>>;

/** The components of the app, which can be profiled. */
export const APPS: readonly Component[] = ['app', 'read', 'write', 'usersRead', 'usersWrite'];

/**
 * Reads the record of running servers. `writer` names the folder of the database that writes; any other is the standby,
 * or the box's, which is unused after the move.
 */
export function processesOf(recorded: readonly Recorded[], writer: string): Processes {
  const found: Partial<Record<Component, number[]>> = {};
  for (const { pid, mark } of recorded) {
    const component = componentOf(mark, writer);
    if (component) found[component] = [...(found[component] ?? []), pid];
  }
  return found;
}

function componentOf(mark: string, writer: string): Component | undefined {
  const database = /^--datadir=.*\/(\w+)\/data$/.exec(mark)?.[1];
  if (database !== undefined) {
    if (database === writer) return 'database';
    if (database === 'reader') return 'reader';
    return database === 'box' ? undefined : 'standby';
  }
  if (mark.endsWith('/balancers/etc/nginx/nginx.conf')) return 'balancers';
  if (mark.endsWith('nginx.conf')) return 'nginx';
  if (mark.endsWith('cache.conf')) return 'cache';
  const server = OTHERS.find((name) => mark.endsWith(`/${name}`));
  if (server) return server;
  const [, role] = /^shop-server:.*\/(read|write|usersRead|usersWrite)-\d+$/.exec(mark) ?? [];
  if (role) return role as Component;
  return mark.startsWith('shop-server:') ? 'app' : undefined;
}

/** A process of the app, by the name of its folder. */
export interface AppProcess {
  readonly name: string;
  readonly pid: number;
}

export const appProcessesOf = (recorded: readonly Recorded[], home: string): AppProcess[] =>
  recorded.flatMap(({ pid, mark }) => {
    const [, folder] = /^shop-server:(.*)$/.exec(mark) ?? [];
    if (folder === undefined || OTHERS.some((name) => folder.endsWith(`/${name}`))) return [];
    return [{ name: folder === home ? 'app' : folder.slice(home.length + 1), pid }];
  });
