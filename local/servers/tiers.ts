import { join } from 'node:path';
import { SETTING } from '../../lambda/shared/runtime/settings';
import { type GroupName, groupName, hasServices, type Phase } from '../../lib/phases';
import type { Row } from '../banner';
import { short } from '../data-dir';
import { readersOf } from '../phase';
import { STOREFRONT, site } from '../site';
import { provideReaders, provideSchemas } from './accounts';
import type { App } from './app';
import { appEnvironment } from './app-environment';
import { startAppGroup } from './app-group';
import { type Balancers, balancerPorts, startBalancers } from './balancers';
import type { Binaries } from './binaries';
import { cdnStub } from './cdn-stub';
import { type Cluster, openCluster } from './cluster';
import { startS3 } from './data';
import { createConnections } from './forward';
import { freePort } from './free-port';
import type { Host } from './host';
import { BUCKETS, s3Environment } from './local-aws';
import type { OpenedPhase } from './opened-phase';
import { startPhotos } from './photos';
import { beginManaged } from './placement';
import { GROUP_NAMES, metricSettings, SCALING_ROW, startScalers } from './scaling';
import { startUsersCluster } from './users-cluster';
import { type LocalCache, startCache } from './valkey';
import { makeWebRoot, startWeb } from './web';

/** Processes per group: enough to survive the end of one. */
const EACH = 2;

/** From phase 3: nginx, groups of processes, a database with a standby, an S3, and what the phase adds. */
export async function openTiers(
  host: Host,
  phase: Phase,
  { nginx, cache: cacheServer }: Pick<Binaries, 'nginx' | 'cache'>,
  isNew: boolean,
): Promise<OpenedPhase> {
  const { servers, home, say } = host;
  if (isNew) beginManaged(home);
  const hasReader = readersOf(phase) > 0;
  const hasCache = phase.cache !== 'none';
  say(starting(hasReader, hasCache));
  const [cluster, s3, web, cache] = await Promise.all([
    openCluster(host, { reader: hasReader }),
    startS3(host),
    makeWebRoot(home),
    hasCache ? startCache(host, cacheServer) : undefined,
  ]);
  const users = phase.usersDatabase === 'shared' ? undefined : await startUsersCluster(host, s3.url);
  const urls = await provideSchemas(cluster.socket, users?.elsewhere);
  const port = await freePort();
  const files = { ...s3Environment(s3.url), [SETTING.media]: `s3://${BUCKETS.media}` };
  const photos =
    phase.photos === 'in-process' ? undefined : await startPhotos(host, phase.photos, files, isNew);
  const common = {
    ...files,
    ...photos?.environment,
    [SETTING.tlsCertificate]: web.certificate,
    [SETTING.tlsKey]: web.key,
    ...(cache && { [SETTING.cache]: cache.url }),
  };
  const plans = phase.tiers === 'none' ? [] : phase.tiers.groups;
  const ports = hasServices(plans) ? await balancerPorts() : undefined;
  say(`Starting ${EACH} processes each of ${list.format(plans.map(groupName))}`);
  const facts = {
    urls,
    readOnlyUrls: await provideReaders(cluster.socket, users?.elsewhere),
    readers: cluster.readers,
    // Without balancers for each service, nginx also replaces the app balancer.
    writeUrl: `https://127.0.0.1:${ports?.appPort ?? port}`,
    rpcUrl: ports && `https://127.0.0.1:${ports.rpcPort}`,
    authority: web.certificate,
  };
  const groups = await Promise.all(
    plans.map((plan) =>
      startAppGroup(host, {
        ...{ plan, size: EACH },
        environment: {
          ...common,
          ...appEnvironment(plan, facts),
          ...(plan.service !== 'inventory' && users?.environment[plan.access]),
          ...metricSettings(phase, groupName(plan)),
        },
      }),
    ),
  );
  say('Starting nginx');
  const upstreams = () =>
    Object.fromEntries(groups.map(({ name, apps }) => [name, apps.map(portOf)])) as Record<
      GroupName,
      number[]
    >;
  const balancers =
    ports && (await startBalancers(host, { binary: nginx, web, ports, upstreams: upstreams() }));
  const { accessLog, setUpstreams } = await startWeb(servers, {
    ...{ binary: nginx, root: web.root, port, log: join(home, 'nginx.log'), say },
    upstreams: balancers ? { read: [balancers.appPort], write: [balancers.appPort] } : upstreams(),
  });
  const usersRow = await users?.startMover({ socket: cluster.socket, users: urls.users });
  const connections = createConnections(true);
  const route = () => connections.renewDuring(() => (balancers?.setUpstreams ?? setUpstreams)(upstreams()));
  const stopScaling = startScalers(host, phase, groups, route);
  return {
    fetch: site(cdnStub({ nginxPort: port, connections, s3: s3.url }), STOREFRONT, { uploadOrigin: s3.url }),
    usersDatabase: urls.users,
    runsOn: [
      ['CDN', 'replaced by this process, as is the web balancer'],
      ['nginx', `as on the web hosts, at https://127.0.0.1:${port}`, `log ${short(accessLog)}`],
      ...(balancers ? [balancersRow(balancers)] : []),
      ...groups.map(({ name, apps }): Row => [GROUP_NAMES[name], ...apps.map(appLine)]),
      ['Aurora', ...instanceLines(cluster)],
      ...(usersRow ? [usersRow] : []),
      ...(cache ? [cacheRow(cache)] : []),
      ['S3', `replaced by fauxqs at ${s3.url}`, `log ${short(s3.log)}`],
      ...(photos?.runsOn ?? []),
      ...tryIt(cluster, groups[0]?.apps[0], cache),
      ...(stopScaling ? [SCALING_ROW] : []),
      ['Left out', ...leftOut(phase)],
    ],
    stopScaling,
  };
}

const starting = (hasReader: boolean, hasCache: boolean): string => {
  const parts = [
    'the database',
    'its standby',
    ...(hasReader ? ['a reader'] : []),
    ...(hasCache ? ['the cache'] : []),
  ];
  return `Starting ${list.format([...parts, 'an S3'])}`;
};

const list = new Intl.ListFormat('en-GB');

const leftOut = ({ box }: Phase) =>
  [
    `${box === 'serves' ? 'the box, ' : ''}zones, balancers, a cache in the CDN, a WAF, browser TLS,`,
    'firewalls, backups, alarms, password rotation',
  ] as const;

const balancersRow = ({ appPort, rpcPort }: Balancers): Row => [
  'Balancers',
  `an nginx: clients at port ${appPort}, calls between services at ${rpcPort}`,
];

const cacheRow = ({ pid, port, log }: LocalCache): Row => [
  'Cache',
  `process ${pid}, port ${port}, log ${short(log)}`,
];

const portOf = ({ port }: App) => port;

const appLine = ({ pid, port, log }: App) => `process ${pid}, port ${port}, log ${short(log)}`;

const instanceLines = ({ socket, writer, standby, reader }: Cluster) => [
  `replaced by MariaDB at ${socket}`,
  `writer ${writer.pid}, log ${short(writer.log)}`,
  `standby ${standby.pid}, log ${short(standby.log)}`,
  ...(reader ? [`reader ${reader.pid}, log ${short(reader.options.log)}`] : []),
];

/** Suggested experiments: a failover costs a moment, the others go unnoticed. */
const tryIt = (
  { writer, reader }: Cluster,
  app: App | undefined,
  cache: LocalCache | undefined,
): readonly Row[] => [
  [
    'Try',
    `kill ${app?.pid} (replaced at once), kill -9 ${writer.pid} (a failover)`,
    ...(cache && reader
      ? [`kill -9 ${cache.pid} (the cache, empty again), kill -9 ${reader.pid} (the reader)`]
      : []),
  ],
];
