import { createPrivateKey, randomBytes } from 'node:crypto';
import { ACMClient, ExportCertificateCommand } from '@aws-sdk/client-acm';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CustomResourceEvent, respond } from '../../custom-resource/respond';
import { deploymentKeys } from '../../data/deployment-keys';

/** EventBridge's "ACM Certificate Available": issued or renewed. */
export interface CertificateEvent {
  readonly resources: readonly string[];
}

/** Brings the certificate to where the box looks for it: when the stack is made, and at each renewal. */
export async function handler(event: CertificateEvent | CustomResourceEvent<object>): Promise<void> {
  if (!('ResponseURL' in event)) return bringCertificate();
  await respond(event, async () => {
    if (event.RequestType !== 'Delete') await bringCertificate();
    return { physicalId: 'exported-certificate' };
  });
}

/** The key first: a box that reads between the two sees a pair that does not match, and waits for the next look. */
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
