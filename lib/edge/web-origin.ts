import { Duration } from 'aws-cdk-lib';
import { type IOrigin, OriginProtocolPolicy, VpcOrigin, VpcOriginEndpoint } from 'aws-cdk-lib/aws-cloudfront';
import { VpcOrigin as Origin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';

/**
 * CloudFront's way into the VPC, to a balancer that the internet does not reach (rule L8).
 * @param tls whether the balancer has a certificate for the name that viewers ask for: what CloudFront checks is the
 * Host header, which it passes on
 */
export function webOrigin(scope: Construct, balancer: IApplicationLoadBalancer, tls: boolean): IOrigin {
  // CloudFront refuses to change an origin in use, so another protocol is another origin, made before the old one goes.
  const vpcOrigin = new VpcOrigin(scope, tls ? 'WebOverTls' : 'WebInClear', {
    endpoint: VpcOriginEndpoint.applicationLoadBalancer(balancer),
    protocolPolicy: tls ? OriginProtocolPolicy.HTTPS_ONLY : OriginProtocolPolicy.HTTP_ONLY,
  });
  return Origin.withVpcOrigin(vpcOrigin, {
    readTimeout: Duration.seconds(30),
    // Shorter than the balancer's 60 s, so that a connection is never used while it is being closed.
    keepaliveTimeout: Duration.seconds(50),
  });
}
