import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import {
  ApplicationProtocol,
  type ApplicationTargetGroup,
  SslPolicy,
  XffHeaderProcessingMode,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { Domain } from '../../domain';
import { Balancer, type BalancerProps } from '../balancer/balancer';

export interface WebBalancerProps extends BalancerProps {
  readonly targets: ApplicationTargetGroup;
  readonly domain?: Domain;
}

/** The balancer of the web servers, reachable only from the CDN (rule ELB-8). */
export class WebBalancer extends Balancer {
  constructor(scope: Construct, id: string, { targets, domain, ...props }: WebBalancerProps) {
    // The CDN has already appended the viewer, and is the only client: appending its own address would hide the viewer.
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
      // The only hop without TLS: without a domain no certificate is trusted by the CDN. Traffic stays inside AWS.
      this.addListener('Clear', { ...shared, protocol: ApplicationProtocol.HTTP });
    }
  }
}
