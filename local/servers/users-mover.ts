import { S3Client } from '@aws-sdk/client-s3';
import { openMailbox } from '../../lambda/data-migration/control/mailbox';
import { executeFederation } from '../../lambda/data-migration/federation/executor';
import type { Home } from '../../lambda/data-migration/federation/home';
import { type HomeAccess, openFederation } from '../../lambda/data-migration/federation/open-federation';
import { FEDERATION_KEY, federationKeys } from '../../lambda/data-migration/object-keys';
import { s3Marker } from '../../lambda/data-migration/placement/marker-s3';
import { startPeriodicTask } from '../../lambda/shared/jobs/periodic-task';
import { createLog } from '../../lambda/shared/runtime/log';
import { required } from '../../lambda/shared/runtime/settings';
import { openSql } from '../../lambda/shared/sql/open';
import { fencedAccounts } from '../../lib/data/schemas';
import { BUCKETS, s3Config } from './local-aws';
import { MOVER_SETTING } from './users-cluster';

const EVERY_MS = 500;

/** Stands for the function that moves the users: looks for commands, and executes them. */
function main(): void {
  const log = createLog();
  const s3 = new S3Client(s3Config(required(process.env, 'AWS_ENDPOINT_URL_S3')));
  const stopping = new AbortController();
  const open = () =>
    openFederation({
      marker: s3Marker<Home>(s3, BUCKETS.deployments, FEDERATION_KEY),
      homes: { shared: accessTo('shared'), own: accessTo('own') },
      log,
    });
  const mailbox = openMailbox(s3, BUCKETS.deployments, federationKeys);
  const stop = startPeriodicTask(
    () => executeFederation({ mailbox, open, log, signal: stopping.signal }),
    log,
    EVERY_MS,
  );
  // The task's timer does not keep a process alive.
  const alive = setInterval(() => undefined, 60_000);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      stopping.abort(new Error('The shop is stopping'));
      await stop();
      clearInterval(alive);
      s3.destroy();
    });
  }
  log.info('waiting for commands');
}

function accessTo(home: Home): HomeAccess {
  const admin = required(process.env, MOVER_SETTING.admin[home]);
  const writer = required(process.env, MOVER_SETTING.writer[home]);
  return {
    fence: { admin, writer, accounts: fencedAccounts('localhost') },
    open: () => openSql(admin, { use: 'maintenance' }),
  };
}

main();
