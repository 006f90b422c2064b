import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { AaaaRecord, ARecord, HostedZone, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ExportedCertificate } from '../compute/box/certificate';
import type { ContentBuckets } from '../data/content-buckets';
import { Cdn } from './cdn';
import type { GlobalStack } from './global-stack';

export interface EdgeStackProps extends StackProps {
  /** The Elastic IP. */
  readonly address: string;
  readonly domain?: { readonly name: string; readonly hostedZoneId: string };
  readonly deployments: IBucket;
  /** In front of everything, once there is one. */
  readonly cdn?: CdnOrigins;
}

/** What the CDN brings to browsers. */
export interface CdnOrigins {
  /** Internal: for the API. */
  readonly webBalancer: IApplicationLoadBalancer;
  /** The storefront and photos. */
  readonly content: ContentBuckets;
  readonly global: GlobalStack;
}

/** How browsers find the shop and know that it is the shop: its name and certificate, and the CDN once there is one. */
export class EdgeStack extends Stack {
  /** Brings renewed certificates to the box. */
  readonly certificateFunction?: IFunction;

  constructor(scope: Construct, id: string, props: EdgeStackProps) {
    super(scope, id, props);
    const { domain } = props;
    const distribution = props.cdn && this.createCdn(props.cdn, domain?.name);
    if (distribution) {
      new CfnOutput(this, 'Url', { value: `https://${domain?.name ?? distribution.domainName}/` });
    }
    if (!domain) return;
    // The zone's own name is not needed: the record is the whole domain, and the id says which zone.
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: domain.hostedZoneId,
      zoneName: domain.name,
    });
    this.createRecords(zone, props.address, distribution);
    // For the box: while it is there, somebody's cache of names may lead to it.
    const certificate = new Certificate(this, 'Certificate', {
      domainName: domain.name,
      validation: CertificateValidation.fromDns(zone),
      allowExport: true,
    });
    const exported = new ExportedCertificate(this, 'Exported', {
      certificate,
      deployments: props.deployments,
    });
    this.certificateFunction = exported.function;
  }

  private createCdn({ webBalancer, content, global }: CdnOrigins, name?: string): Distribution {
    const { certificate, webAclArn } = global;
    return new Cdn(this, 'Cdn', {
      webBalancer,
      content,
      webAclArn,
      domain: name && certificate ? { name, certificate } : undefined,
    }).distribution;
  }

  /** One record in every phase: what it leads to is changed in place. */
  private createRecords(zone: IHostedZone, address: string, distribution?: Distribution): void {
    if (!distribution) {
      const target = RecordTarget.fromIpAddresses(address);
      new ARecord(this, 'Record', { zone, target, ttl: Duration.seconds(60) });
      return;
    }
    const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution));
    new ARecord(this, 'Record', { zone, target });
    new AaaaRecord(this, 'RecordV6', { zone, target });
  }
}
