import { createPrivateKey, randomBytes } from 'node:crypto';
import { ACMClient, ExportCertificateCommand } from '@aws-sdk/client-acm';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CustomResourceEvent, respond } from '../../custom-resource/respond';
import { deploymentKeys } from '../../names';

/** The EventBridge event "ACM Certificate Available": issued or renewed. */
export interface CertificateEvent {
  readonly resources: readonly string[];
}

/** Exports the certificate to the bucket for the box: when the stack is created, and at each renewal. */
export async function handler(event: CertificateEvent | CustomResourceEvent<object>): Promise<void> {
  if (!('ResponseURL' in event)) return bringCertificate();
  await respond(event, async () => {
    if (event.RequestType !== 'Delete') await bringCertificate();
    return { physicalId: 'exported-certificate' };
  });
}

/** Key first: a box that reads between the two writes sees a mismatched pair and waits for the next poll. */
async function bringCertificate(): Promise<void> {
  const { BUCKET, CERTIFICATE_ARN } = process.env;
  const passphrase = randomBytes(24).toString('base64url');
  const exported = await new ACMClient().send(
    new ExportCertificateCommand({ CertificateArn: CERTIFICATE_ARN, Passphrase: Buffer.from(passphrase) }),
  );
  const { Certificate = '', CertificateChain = '', PrivateKey = '' } = exported;
  const key = createPrivateKey({ key: PrivateKey, passphrase }).export({ type: 'pkcs8', format: 'pem' });
  const s3 = new S3Client();
  const put = (Key: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ContentType: 'application/x-pem-file' }));
  await put(deploymentKeys.privateKey, key.toString());
  await put(deploymentKeys.certificate, `${Certificate.trim()}\n${CertificateChain.trim()}\n`);
}
