import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { openSql } from '../../lambda/shared/sql/open';
import type { Sql } from '../../lambda/shared/sql/sql';
import type { Running } from '../../local/servers/pidfile';
import { eventually } from '../support/until';

/** Reads the screen, the record and the logs of a shop of phase 3; `out` returns its output so far. */
export const inspectTiers = (data: string, out: () => string) => {
  const found = (pattern: string): string => new RegExp(pattern).exec(out())?.[1] ?? '';

  /** A process of the app. The shop prints each replacement, the newest last. */
  const app = (id: string) => {
    const again = [...out().matchAll(new RegExp(`${id} restarted as process (\\d+)`, 'g'))].at(-1)?.[1];
    const at = (what: string) => found(`${what}, log \\S+${id}\\.log`);
    return { pid: Number(again ?? at('process (\\d+), port \\d+')), port: Number(at('port (\\d+)')) };
  };
  const linesOf = <Line>(...path: string[]): Line[] =>
    readFileSync(join(data, 'servers', ...path), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  const appLog = (id: string) => linesOf<{ msg: string; path?: string }>(`${id}.log`);
  const record = (): Running => JSON.parse(readFileSync(join(data, 'servers.json'), 'utf8'));

  return {
    app,
    appLog,
    record,
    accessLog: () =>
      linesOf<{ upstream: string; seconds: number }>('web', 'var', 'log', 'nginx', 'access.log'),
    nginxPort: () => Number(found('nginx .+ at https://127\\.0\\.0\\.1:(\\d+)')),
    pidOf: (instance: 'writer' | 'standby') => Number(found(`${instance} (\\d+), log`)),
    said: (words: string) => eventually(async () => expect(out()).toContain(words)),
    /** Ends a process and resolves once nginx uses its replacement. */
    replaced: async (id: string, signal: NodeJS.Signals): Promise<void> => {
      const { pid } = app(id);
      process.kill(pid, signal);
      await eventually(async () => expect(app(id).pid).not.toBe(pid));
      const since = appLog(id).findLastIndex(({ msg }) => msg === 'serving');
      const request = expect.objectContaining({ msg: 'request' });
      await eventually(async () => expect(appLog(id).slice(since)).toContainEqual(request));
    },
    /** A schema of the server that writes, with all rights. */
    administer: (schema: string): Promise<Sql> => {
      const socket = encodeURIComponent(join(record().sockets, 'writer.sock'));
      return openSql(`mysql://${userInfo().username}@localhost/${schema}?socketPath=${socket}`);
    },
  };
};
