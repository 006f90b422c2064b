import { Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { Domain } from '../domain';
import { shopOf } from '../names';
import { WebAcl } from './web-acl';

export interface GlobalStackProps extends StackProps {
  readonly domain?: Domain;
}

/** Resources of CloudFront that must be in us-east-1 in any case: the web ACL and the viewer certificate. */
export class GlobalStack extends Stack {
  readonly webAclArn: string;
  /** The metric of the web ACL. */
  readonly webAclMetric: string;
  readonly certificate?: ICertificate;

  constructor(scope: Construct, id: string, props: GlobalStackProps) {
    super(scope, id, { ...props, crossRegionReferences: true });
    this.webAclMetric = shopOf(id);
    this.webAclArn = new WebAcl(this, 'WebAcl', this.webAclMetric).arn;
    if (!props.domain) return;
    const { name, hostedZoneId } = props.domain;
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName: name });
    this.certificate = new Certificate(this, 'Certificate', {
      domainName: name,
      validation: CertificateValidation.fromDns(zone),
    });
  }
}
