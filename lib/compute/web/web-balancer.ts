import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import {
  ApplicationProtocol,
  type ApplicationTargetGroup,
  SslPolicy,
  XffHeaderProcessingMode,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { Balancer, type BalancerProps } from '../balancer/balancer';

export interface WebBalancerProps extends BalancerProps {
  readonly targets: ApplicationTargetGroup;
  readonly domain?: { readonly name: string; readonly hostedZoneId: string };
}

/** What the CDN reaches the web servers through, and nobody else does (rule L8). */
export class WebBalancer extends Balancer {
  constructor(scope: Construct, id: string, { targets, domain, ...props }: WebBalancerProps) {
    // The CDN has appended the viewer, and nobody else connects: appending the CDN's own address would hide them.
    super(scope, id, { ...props, forwardedFor: XffHeaderProcessingMode.PRESERVE });
    const shared = { open: false, defaultTargetGroups: [targets] };
    if (domain) {
      const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
        hostedZoneId: domain.hostedZoneId,
        zoneName: domain.name,
      });
      const certificate = new Certificate(this, 'Certificate', {
        domainName: domain.name,
        validation: CertificateValidation.fromDns(zone),
      });
      this.addListener('Tls', {
        ...shared,
        protocol: ApplicationProtocol.HTTPS,
        certificates: [certificate],
        sslPolicy: SslPolicy.RECOMMENDED_TLS,
      });
    } else {
      // The single hop without TLS: the CDN trusts no certificate for a name that is not ours. It stays in AWS.
      this.addListener('Clear', { ...shared, protocol: ApplicationProtocol.HTTP });
    }
  }
}
