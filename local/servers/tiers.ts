import { join } from 'node:path';
import { SETTING } from '../../lambda/shared/settings';
import { short } from '../folder';
import type { Row } from '../screen';
import { STOREFRONT, site } from '../site';
import { provideReaders, provideSchemas, type SchemaUrls } from './accounts';
import { type App, keepApp } from './app';
import { type Cluster, openCluster } from './cluster';
import { type Host, startS3 } from './data';
import { freePort } from './free-port';
import { front } from './front';
import { BUCKETS, s3Environment } from './local-s3';
import { beginManaged } from './placement';
import type { OpenedPhase } from './shop';
import { makeWebRoot, startNginx } from './web';

/** Processes of each group: enough that one may go. */
const EACH = 2;

/** Phase 3: nginx, a group of read and one of write processes, a database with a standby, and an S3. */
export async function openTiers(host: Host, nginx: string, isNew: boolean): Promise<OpenedPhase> {
  const { servers, home, say } = host;
  if (isNew) beginManaged(home);
  say('Starting the database, its standby and an S3');
  const [cluster, s3, web] = await Promise.all([openCluster(host), startS3(host), makeWebRoot(home)]);
  const urls = await provideSchemas(cluster.socket);
  const port = await freePort();
  const common = {
    ...s3Environment(s3.url),
    [SETTING.media]: `s3://${BUCKETS.media}`,
    [SETTING.tlsCertificate]: web.certificate,
    [SETTING.tlsKey]: web.key,
  };
  say(`Starting ${EACH} read and ${EACH} write processes`);
  // Here nginx stands for the app balancer too.
  const toWrite = {
    [SETTING.writeUrl]: `https://127.0.0.1:${port}`,
    [SETTING.writeAuthority]: web.certificate,
  };
  const [read, write] = await Promise.all([
    startGroup(host, 'read', { ...common, ...databases(await provideReaders(cluster.socket)), ...toWrite }),
    startGroup(host, 'write', { ...common, ...databases(urls) }),
  ]);
  say('Starting nginx');
  const { accessLog } = await startNginx(servers, {
    ...{ binary: nginx, root: web.root, port, log: join(home, 'nginx.log'), say },
    upstreams: { read: read.map(portOf), write: write.map(portOf) },
  });
  return {
    fetch: site(front({ nginxPort: port, s3: s3.url }), STOREFRONT, s3.url),
    usersDatabase: urls.users,
    runsOn: [
      ['CDN', 'this process stands for it, and for the web balancer'],
      ['nginx', `as on the web hosts, at https://127.0.0.1:${port}`, `log ${short(accessLog)}`],
      ['Read API', ...read.map(appLine)],
      ['Write API', ...write.map(appLine)],
      ['Aurora', ...instanceLines(cluster)],
      ['S3', `fauxqs stands for it, at ${s3.url}`, `log ${short(s3.log)}`],
      ...tryIt(cluster, read[0]),
      ['Not here', ...NOT_HERE],
    ],
  };
}

const NOT_HERE = [
  'the box, zones, balancers, a cache in the CDN, a WAF, browser TLS,',
  'firewalls, backups, alarms, passwords that change',
] as const;

const portOf = ({ port }: App) => port;

const appLine = ({ pid, port, log }: App) => `process ${pid}, port ${port}, log ${short(log)}`;

const instanceLines = ({ socket, writer, standby }: Cluster) => [
  `MariaDB stands for it, at ${socket}`,
  `writer ${writer.pid}, log ${short(writer.log)}`,
  `standby ${standby.pid}, log ${short(standby.log)}`,
];

/** What is worth seeing: nobody notices the first, and the second costs a moment. */
const tryIt = ({ writer }: Cluster, app: App | undefined): readonly Row[] => [
  ['Try', `kill ${app?.pid} (another takes its place), kill -9 ${writer.pid} (a failover)`],
];

const databases = ({ users, inventory }: SchemaUrls) => ({
  [SETTING.usersDatabase]: users,
  [SETTING.inventoryDatabase]: inventory,
});

async function startGroup(
  { servers, home, say }: Host,
  role: 'read' | 'write',
  environment: Readonly<Record<string, string>>,
): Promise<App[]> {
  const numbers = Array.from({ length: EACH }, (_, at) => at + 1);
  return Promise.all(
    numbers.map((number) => {
      const id = `${role}-${number}`;
      return keepApp(servers, say, {
        name: `The process ${id}`,
        folder: join(home, id),
        log: join(home, `${id}.log`),
        environment: { ...environment, [SETTING.shopRole]: role },
      });
    }),
  );
}
