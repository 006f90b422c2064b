import { S3Client } from '@aws-sdk/client-s3';
import { type Mailbox, openMailbox } from '../../lambda/data-migration/control/mailbox';
import { dataDirPaths, short } from '../data-dir';
import { BUCKETS, s3Config } from './local-aws';
import { isOurs, readPidfile } from './pidfile';

/** The store of the users' marker and mailbox of the shop that runs on a data folder. @throws Error if none runs there */
export function localFederation(folder: string) {
  const running = readPidfile(dataDirPaths(folder).record);
  const s3 = running?.processes.find(({ mark }) => mark.endsWith('/s3'));
  if (!running?.federation || !s3 || !isOurs(s3)) {
    throw new Error(
      `No shop of phase 6 is running on ${short(folder)}. Start one: npm start -- --phase 6 --servers`,
    );
  }
  return { s3: new S3Client(s3Config(running.federation.s3)), bucket: BUCKETS.deployments };
}

/** The mailbox of the shop that runs on a data folder. @throws Error if no shop with two sides runs there */
export function localMailbox(folder: string): Mailbox {
  const running = readPidfile(dataDirPaths(folder).record);
  if (!running?.s3 || !running.processes.every(isOurs)) {
    throw new Error(
      `No shop of phase 2 is running on ${short(folder)}. Start one: npm start -- --phase 2 --servers`,
    );
  }
  return openMailbox(new S3Client(s3Config(running.s3)), BUCKETS.deployments);
}
