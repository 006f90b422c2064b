import { Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { WebAcl } from './web-acl';

export interface GlobalStackProps extends StackProps {
  readonly domain?: { readonly name: string; readonly hostedZoneId: string };
}

/** What CloudFront takes from us-east-1 alone, wherever the shop is: the firewall for the web, and the viewers' certificate. */
export class GlobalStack extends Stack {
  readonly webAclArn: string;
  readonly certificate?: ICertificate;

  constructor(scope: Construct, id: string, props: GlobalStackProps) {
    super(scope, id, { ...props, crossRegionReferences: true });
    this.webAclArn = new WebAcl(this, 'WebAcl').arn;
    if (!props.domain) return;
    const { name, hostedZoneId } = props.domain;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName: name });
    this.certificate = new Certificate(this, 'Certificate', {
      domainName: name,
      validation: CertificateValidation.fromDns(zone),
    });
  }
}
