import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ExportedCertificate } from '../compute/box/certificate';

export interface EdgeStackProps extends StackProps {
  /** The Elastic IP. */
  readonly address: string;
  readonly domain: { readonly name: string; readonly hostedZoneId: string };
  readonly deployments: IBucket;
}

/** How browsers find the shop and know that it is the shop: its name and certificate, once it has a domain. */
export class EdgeStack extends Stack {
  /** Brings renewed certificates to the box. */
  readonly certificateFunction: IFunction;

  constructor(scope: Construct, id: string, props: EdgeStackProps) {
    super(scope, id, props);
    // The zone's own name is not needed: the record is the whole domain, and the id says which zone.
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: props.domain.hostedZoneId,
      zoneName: props.domain.name,
    });
    new ARecord(this, 'Record', {
      zone,
      target: RecordTarget.fromIpAddresses(props.address),
      ttl: Duration.seconds(60),
    });
    const certificate = new Certificate(this, 'Certificate', {
      domainName: props.domain.name,
      validation: CertificateValidation.fromDns(zone),
      allowExport: true,
    });
    const exported = new ExportedCertificate(this, 'Exported', {
      certificate,
      deployments: props.deployments,
    });
    this.certificateFunction = exported.function;
  }
}
