import { moveKeys } from '../../lambda/move/mailbox';
import { PLACEMENT_KEY } from '../../lambda/move/marker-s3';

/** Objects in the Deployments bucket: known to the infrastructure, its functions, and the scripts on the box. */
export const deploymentKeys = {
  desired: 'desired.json',
  outcome: (deployment: string) => `outcomes/${deployment}.json`,
  /** Which machine image each `imageRelease` stands for. */
  images: 'images.json',
  certificate: 'tls/certificate.pem',
  privateKey: 'tls/key.pem',
  /** Where the shop's data is; the app on the box alone writes it. */
  placement: PLACEMENT_KEY,
  moveCommand: moveKeys.command,
  moveStatus: moveKeys.status,
} as const;
