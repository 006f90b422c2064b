import { Duration } from 'aws-cdk-lib';
import { HeadersReferrerPolicy, ResponseHeadersPolicy } from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';

/** Security headers of every response, the same as those of the box's nginx (compute/box/host/nginx/headers.conf). */
export class SecurityHeaders extends Construct {
  readonly policy: ResponseHeadersPolicy;

  /** @param uploadOrigin allowed target of uploads, like https://bucket.s3.region.amazonaws.com */
  constructor(scope: Construct, id: string, uploadOrigin: string) {
    super(scope, id);
    const override = true;
    this.policy = new ResponseHeadersPolicy(this, 'Default', {
      comment: 'Security headers of the shop',
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: contentSecurityPolicy(uploadOrigin), override },
        contentTypeOptions: { override },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.SAME_ORIGIN, override },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override },
      },
      customHeadersBehavior: {
        customHeaders: [{ header: 'Cross-Origin-Opener-Policy', value: 'same-origin', override }],
      },
    });
  }
}

const contentSecurityPolicy = (uploadOrigin: string) =>
  [
    "default-src 'self'",
    `connect-src 'self' ${uploadOrigin}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
