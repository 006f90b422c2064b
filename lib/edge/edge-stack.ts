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
import { RetiredFunction } from '../compute/box/retired-function';
import type { ContentBuckets } from '../data/content-buckets';
import type { Domain } from '../domain';
import { OUTPUT } from '../names';
import type { Phase } from '../phases';
import { Cdn } from './cdn';
import type { GlobalStack } from './global-stack';

export interface EdgeStackProps extends StackProps {
  /** The Elastic IP; needed while there is no CDN. */
  readonly address?: string;
  readonly domain?: Domain;
  readonly deployments: IBucket;
  readonly box: Phase['box'];
  /** Needed once there is a CDN. */
  readonly cdn?: CdnOrigins;
}

/** The origins of the CDN. */
export interface CdnOrigins {
  /** Internal; serves the API. */
  readonly webBalancer?: IApplicationLoadBalancer;
  /** The storefront and photos. */
  readonly content?: ContentBuckets;
  readonly global: GlobalStack;
  readonly allowsOtherOrigins?: boolean;
}

/** The public entry of the shop: its DNS name and certificate, and the CDN once there is one. */
export class EdgeStack extends Stack {
  /** The shop's URL, once there is a CDN. */
  readonly url?: string;
  /** Exports renewed certificates for the box, while it serves. */
  readonly certificateFunction?: IFunction;
  /** Of the CDN, once there is one. */
  readonly distributionId?: string;

  constructor(scope: Construct, id: string, props: EdgeStackProps) {
    super(scope, id, props);
    const { domain } = props;
    const distribution = props.cdn && this.createCdn(props.cdn, domain?.name);
    if (distribution) {
      this.distributionId = distribution.distributionId;
      this.url = `https://${domain?.name ?? distribution.domainName}/`;
      new CfnOutput(this, OUTPUT.url, { value: this.url });
    }
    if (!domain) return;
    // The zone's own name is not needed: records use the full domain name, and the id identifies the zone.
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: domain.hostedZoneId,
      zoneName: domain.name,
    });
    this.createRecords(zone, props.address, distribution);
    if (props.box === 'retired') new RetiredFunction(this, 'Exported', 'certificate');
    if (props.box !== 'serves') return;
    // For the box: as long as it exists, DNS caches may still point to it.
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

  private createCdn(
    { webBalancer, content, global, allowsOtherOrigins }: CdnOrigins,
    name?: string,
  ): Distribution {
    if (!webBalancer || !content) {
      throw new Error('A CDN needs a web balancer and files in S3: this phase lacks one of them');
    }
    const { certificate, webAclArn } = global;
    return new Cdn(this, 'Cdn', {
      webBalancer,
      content,
      webAclArn,
      allowsOtherOrigins,
      domain: name && certificate ? { name, certificate } : undefined,
    }).distribution;
  }

  /** The same records in every phase: their target changes in place. */
  private createRecords(zone: IHostedZone, address?: string, distribution?: Distribution): void {
    if (!distribution) {
      if (!address) throw new Error('A name needs a CDN or an address to lead to: this phase has neither');
      const target = RecordTarget.fromIpAddresses(address);
      new ARecord(this, 'Record', { zone, target, ttl: Duration.seconds(60) });
      return;
    }
    const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution));
    new ARecord(this, 'Record', { zone, target });
    new AaaaRecord(this, 'RecordV6', { zone, target });
  }
}
