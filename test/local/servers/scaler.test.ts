import { readScaling } from '../../../lib/scaling/scaling-plan';
import type { App } from '../../../local/servers/app';
import type { AppGroup } from '../../../local/servers/app-group';
import { LOCAL_SIZES, localPlan, startScaler } from '../../../local/servers/scaler';
import { cleanup } from '../../support/cleanup';
import { until } from '../../support/until';

/** A group of pretended processes; what happens to it is written down in order. */
function pretendedGroup() {
  const events: string[] = [];
  let made = 0;
  const start = (): App => {
    const pid = ++made;
    return { pid, port: pid, log: '', end: async () => void events.push(`${pid} ended`) };
  };
  let apps: readonly App[] = Array.from({ length: LOCAL_SIZES.minimum }, start);
  const group: AppGroup = {
    name: 'read',
    get apps() {
      return apps;
    },
    resize: async (size) => {
      const left = apps.slice(size);
      apps = [...apps.slice(0, size), ...Array.from({ length: Math.max(0, size - apps.length) }, start)];
      return left;
    },
  };
  return {
    group,
    events,
    route: async (): Promise<void> => void events.push(`to ${apps.map(({ pid }) => pid).join()}`),
  };
}

/** A scaler whose minutes last milliseconds, with the event loop of every process as busy as `busy` says. */
function scaling(busy: () => number | undefined, group = pretendedGroup()) {
  const said: string[] = [];
  const stop = cleanup(
    startScaler({
      ...{ ...group, plan: localPlan(readScaling), name: 'Read API', minuteMs: 4 },
      say: (line) => void said.push(line),
      giveUp: (why) => void said.push(why),
      follow: () => () => {
        const percent = busy();
        return percent === undefined ? {} : { eventLoopPercent: percent, cpuPercent: percent };
      },
    }),
  );
  return { ...group, said, stop };
}

it('adds processes while the event loops are busy, up to the maximum, and says why', async () => {
  const { group, said, events } = scaling(() => 88);
  await until(() => group.apps.length === LOCAL_SIZES.maximum);
  expect(said[0]).toBe('Read API 2 → 3: eventLoopPercent 88, above 75');
  expect(events.slice(0, 1)).toEqual(['to 1,2,3']);
  expect(events.filter((event) => event.endsWith('ended'))).toEqual([]);
  expect(said.filter((line) => line.length > 78)).toEqual([]);
});

it('removes processes when they have been idle for long, and none that a request may still go to', async () => {
  let busy = 88;
  const { group, said, events } = scaling(() => busy);
  await until(() => group.apps.length === LOCAL_SIZES.maximum);
  busy = 3;
  await until(() => events.includes('4 ended'));
  expect(said.at(-1)).toMatch(/^Read API 4 → 2: /);
  expect(events.indexOf('to 1,2')).toBeGreaterThan(0);
  expect(events.indexOf('to 1,2')).toBeLessThan(events.indexOf('3 ended'));
});

it('changes nothing while no process says how busy it is', async () => {
  let minutes = 0;
  const { said } = scaling(() => {
    minutes++;
    return undefined;
  });
  await until(() => minutes > 80);
  expect(said).toEqual([]);
});

it('gives up when a process does not start', async () => {
  const group = pretendedGroup();
  const broken = {
    ...group.group,
    apps: group.group.apps,
    resize: () => Promise.reject(new Error('no room')),
  };
  const { said } = scaling(() => 88, { ...group, group: broken });
  await until(() => said.includes('no room'));
});

it('finishes a change that it has begun before it stops', async () => {
  const group = pretendedGroup();
  let finish: () => void = () => undefined;
  const routing = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let routed = 0;
  const route = () => {
    routed++;
    return routing;
  };
  const { stop } = scaling(() => 88, { ...group, route });
  await until(() => routed === 1);
  let isStopped = false;
  const stopping = stop().then(() => {
    isStopped = true;
  });
  await new Promise(setImmediate);
  expect(isStopped).toBe(false);
  finish();
  await stopping;
  expect(routed).toBe(1);
});
