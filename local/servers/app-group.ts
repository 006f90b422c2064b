import { join } from 'node:path';
import { SETTING } from '../../lambda/shared/runtime/settings';
import { type AppGroupPlan, type GroupName, groupName } from '../../lib/phases';
import { type App, keepApp } from './app';
import type { Host } from './host';

export interface AppGroupOptions {
  readonly plan: Pick<AppGroupPlan, 'service' | 'access'>;
  /** Of each of its processes. */
  readonly environment: Readonly<Record<string, string>>;
  readonly size: number;
}

/** Processes of one service with the same rights. */
export interface AppGroup {
  readonly name: GroupName;
  /** In the order of their start. */
  readonly apps: readonly App[];
  /** Starts processes, or takes the newest ones out of `apps`, and resolves to those, which still run. */
  resize(size: number): Promise<readonly App[]>;
}

export async function startAppGroup(
  { servers, home, say }: Host,
  { plan, environment, size }: AppGroupOptions,
): Promise<AppGroup> {
  const name = groupName(plan);
  let apps: readonly App[] = [];
  const start = (number: number) => {
    const id = `${name}-${number}`;
    return keepApp(servers, say, {
      name: `The process ${id}`,
      folder: join(home, id),
      log: join(home, `${id}.log`),
      environment: {
        ...environment,
        [SETTING.shopServices]: plan.service,
        [SETTING.shopRole]: plan.access,
      },
    });
  };
  const group: AppGroup = {
    name,
    get apps() {
      return apps;
    },
    resize: async (wanted) => {
      const left = apps.slice(wanted);
      const missing = Array.from(
        { length: Math.max(0, wanted - apps.length) },
        (_, n) => apps.length + n + 1,
      );
      apps = [...apps.slice(0, wanted), ...(await Promise.all(missing.map(start)))];
      return left;
    },
  };
  await group.resize(size);
  return group;
}
