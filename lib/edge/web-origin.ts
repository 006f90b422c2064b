import { Duration } from 'aws-cdk-lib';
import { type IOrigin, OriginProtocolPolicy, VpcOrigin, VpcOriginEndpoint } from 'aws-cdk-lib/aws-cloudfront';
import { VpcOrigin as Origin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';

/**
 * A VPC origin: CloudFront's path to a balancer that the internet cannot reach (rule ELB-8).
 * @param tls true if the balancer has a certificate for the viewers' host name: CloudFront forwards Host and checks the
 * certificate against it
 */
export function webOrigin(scope: Construct, balancer: IApplicationLoadBalancer, tls: boolean): IOrigin {
  // CloudFront cannot change a VPC origin in use: another protocol is a new origin, and the old one is deleted later.
  const vpcOrigin = new VpcOrigin(scope, tls ? 'WebOverTls' : 'WebInClear', {
    endpoint: VpcOriginEndpoint.applicationLoadBalancer(balancer),
    protocolPolicy: tls ? OriginProtocolPolicy.HTTPS_ONLY : OriginProtocolPolicy.HTTP_ONLY,
  });
  return Origin.withVpcOrigin(vpcOrigin, {
    readTimeout: Duration.seconds(30),
    // Shorter than the balancer's 60 s, so that a closing connection is never reused.
    keepaliveTimeout: Duration.seconds(50),
  });
}
