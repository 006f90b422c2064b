import { setTimeout as wait } from 'node:timers/promises';
import {
  ACMClient,
  DeleteCertificateCommand,
  GetCertificateCommand,
  ImportCertificateCommand,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-acm';
import { type CustomResourceEvent, respond } from '../../custom-resource/respond';
import { insideName, makeCertificate } from './inside-certificate.steps';

interface Context {
  getRemainingTimeInMillis(): number;
}

/** Creates the certificate once and imports it into ACM, which never returns the key. An update keeps it. */
export async function handler(
  event: CustomResourceEvent<object>,
  context: Context,
  pauseMs = 10_000,
): Promise<void> {
  await respond(event, async () => {
    const acm = new ACMClient();
    const { RequestType, PhysicalResourceId: arn = '' } = event;
    if (RequestType === 'Create') return importNew(acm);
    if (RequestType === 'Delete') await remove(acm, arn, context, pauseMs);
    return { physicalId: arn, data: RequestType === 'Update' ? await known(acm, arn) : undefined };
  });
}

async function importNew(acm: ACMClient) {
  const { certificate, key } = await makeCertificate(insideName);
  const { CertificateArn: Arn = '' } = await acm.send(
    new ImportCertificateCommand({
      Certificate: Buffer.from(certificate),
      PrivateKey: Buffer.from(key),
      Tags: [
        { Key: 'Name', Value: `Shop: ${insideName}` },
        { Key: 'shop:certificate', Value: 'inside' },
      ],
    }),
  );
  return { physicalId: Arn, data: { Arn, Certificate: certificate } };
}

async function known(acm: ACMClient, Arn: string) {
  const { Certificate = '' } = await acm.send(new GetCertificateCommand({ CertificateArn: Arn }));
  return { Arn, Certificate: `${Certificate.trim()}\n` };
}

/** ACM reports a certificate as in use for minutes after its listener is deleted. A failed create has no ARN. */
async function remove(acm: ACMClient, arn: string, context: Context, pauseMs: number): Promise<void> {
  while (arn.startsWith('arn:')) {
    try {
      await acm.send(new DeleteCertificateCommand({ CertificateArn: arn }));
      return;
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return;
      if (!(error instanceof ResourceInUseException)) throw error;
      if (context.getRemainingTimeInMillis() < pauseMs + marginMs) throw error;
    }
    await wait(pauseMs);
  }
}

/** Reserved for the response to CloudFormation. */
const marginMs = 15_000;
