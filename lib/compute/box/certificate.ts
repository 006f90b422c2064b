import { CustomResource, Duration } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { deploymentKeys } from '../../names';
import { ShopFunction } from '../../shop-function';

export interface ExportedCertificateProps {
  /** Exportable. */
  readonly certificate: ICertificate;
  readonly deployments: IBucket;
}

/** Exports certificate and private key for the box's nginx, when issued and at each renewal. */
export class ExportedCertificate extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, { certificate, deployments }: ExportedCertificateProps) {
    super(scope, id);
    const { certificateArn } = certificate;
    const bring = new ShopFunction(this, 'Function', {
      handler: 'certificate',
      timeout: Duration.minutes(1),
      environment: { BUCKET: deployments.bucketName, CERTIFICATE_ARN: certificateArn },
    });
    const { certificate: pem, privateKey } = deploymentKeys;
    bring.addToRolePolicy(
      new PolicyStatement({ actions: ['acm:ExportCertificate'], resources: [certificateArn] }),
    );
    bring.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:PutObject'],
        resources: [pem, privateKey].map((key) => deployments.arnForObjects(key)),
      }),
    );
    new Rule(this, 'Available', {
      description: 'The shop certificate was issued or renewed',
      eventPattern: {
        source: ['aws.acm'],
        detailType: ['ACM Certificate Available'],
        resources: [certificateArn],
      },
      targets: [new LambdaFunction(bring, { retryAttempts: 2, maxEventAge: Duration.hours(2) })],
    });
    new CustomResource(this, 'Exported', {
      resourceType: 'Custom::ExportedCertificate',
      serviceToken: bring.functionArn,
      serviceTimeout: Duration.minutes(2),
      properties: { CertificateArn: certificateArn },
    });
    this.function = bring;
  }
}
