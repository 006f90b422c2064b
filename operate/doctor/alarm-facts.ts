import type { Config } from '../../lib/config';
import { partsOf, stackName } from '../../lib/names';
import { alarmsOf, type FoundAlarms, type FoundSubscribers, subscribersOf } from '../aws/alarms';
import type { Clients } from '../aws/clients';
import { type Seen, see } from '../aws/seen';

export interface AlarmFacts {
  readonly alarms: Seen<FoundAlarms>;
  readonly subscribers: Seen<FoundSubscribers>;
}

/** The alarms of the shop and the addresses that they call. Those on the CDN may be in another region. */
export async function alarmFacts(
  { name, phase, domain, region }: Config,
  clients: Clients,
): Promise<AlarmFacts> {
  const { cloudWatch, cloudWatchUsEast1, sns, snsUsEast1 } = clients;
  const parts = partsOf(phase.edge === 'cdn', domain !== undefined, region);
  const places = [
    { part: 'Operations', watch: cloudWatch, sns },
    { part: 'EdgeAlarms', watch: cloudWatchUsEast1, sns: snsUsEast1 },
  ] as const;
  const found = await see(() =>
    Promise.all(
      places
        .filter(({ part }) => parts.includes(part))
        .map(async (place) => ({ ...place, ...(await alarmsOf(place.watch, stackName(name, place.part))) })),
    ),
  );
  if ('unseen' in found) return { alarms: found, subscribers: found };
  const all = (kind: keyof FoundAlarms) => found.fact.flatMap((place) => place[kind]);
  return {
    alarms: { fact: { names: all('names'), on: all('on'), silent: all('silent'), topics: all('topics') } },
    subscribers: await see(async () => {
      const each = await Promise.all(found.fact.map((place) => subscribersOf(place.sns, place.topics)));
      return {
        // Each topic needs a reader of its own.
        confirmed: Math.min(...each.map(({ confirmed }) => confirmed)),
        pending: each.flatMap(({ pending }) => pending),
      };
    }),
  };
}
