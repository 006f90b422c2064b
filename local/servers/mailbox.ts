import { S3Client } from '@aws-sdk/client-s3';
import { type Mailbox, openMailbox } from '../../lambda/move/mailbox';
import { inFolder, short } from '../folder';
import { BUCKETS, s3Config } from './local-s3';
import { isOurs, readRecord } from './record';

/** Of the shop that runs on a data folder. @throws Error when none does, or one without a second side */
export function localMailbox(folder: string): Mailbox {
  const running = readRecord(inFolder(folder).record);
  if (!running?.s3 || !running.processes.every(isOurs)) {
    throw new Error(
      `No shop with two sides runs on ${short(folder)}, as that of phase 2 has: start one, npm start -- --phase 2 --servers`,
    );
  }
  return openMailbox(new S3Client(s3Config(running.s3)), BUCKETS.deployments);
}
