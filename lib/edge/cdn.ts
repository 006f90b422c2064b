import { join } from 'node:path';
import { Annotations, Duration } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CacheCookieBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Function as CdnFunction,
  Distribution,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  type IOrigin,
  OriginRequestCookieBehavior,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
  PriceClass,
  S3OriginAccessControl,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge';
import type { ContentBuckets } from '../data/content-buckets';
import { SecurityHeaders } from './security-headers';
import { webOrigin } from './web-origin';

export interface CdnProps {
  readonly webBalancer: IApplicationLoadBalancer;
  readonly content: ContentBuckets;
  readonly webAclArn: string;
  /** Without it, viewers come by the CDN's own name. */
  readonly domain?: { readonly name: string; readonly certificate: ICertificate };
}

/** CloudFront in front of everything: pages and photos from S3, the API from the web balancer (decision 0094). */
export class Cdn extends Construct {
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, props: CdnProps) {
    super(scope, id);
    const { content, domain, webBalancer } = props;
    const { policy } = new SecurityHeaders(
      this,
      'Headers',
      `https://${content.media.bucketRegionalDomainName}`,
    );
    const everywhere = {
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      responseHeadersPolicy: policy,
    };
    const api = {
      ...everywhere,
      origin: webOrigin(this, webBalancer, domain !== undefined),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      // Host too: the app compares it with where a request says it is from.
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER,
    };
    const asked: BehaviorOptions = { ...api, cachePolicy: CachePolicy.CACHING_DISABLED };
    const cached: BehaviorOptions = {
      ...api,
      cachePolicy: this.createCatalogCaching(),
      originRequestPolicy: this.createCatalogRequests(),
    };
    const access = new S3OriginAccessControl(this, 'Access');
    this.distribution = new Distribution(this, 'Distribution', {
      comment: 'The shop',
      domainNames: domain && [domain.name],
      certificate: domain?.certificate,
      minimumProtocolVersion: domain && SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      // The region is the deployer's choice: a class without their continent would send its people round the world.
      priceClass: PriceClass.PRICE_CLASS_ALL,
      webAclId: props.webAclArn,
      defaultRootObject: 'index.html',
      defaultBehavior: { ...everywhere, origin: bucketOrigin(this, 'Static', content.static, access) },
      // The first that fits decides.
      additionalBehaviors: {
        '/media/photos/*': {
          ...everywhere,
          origin: bucketOrigin(this, 'Media', content.media, access),
          functionAssociations: [
            { eventType: FunctionEventType.VIEWER_REQUEST, function: this.createPhotoPath() },
          ],
        },
        // What is below a product is for staff.
        '/api/products/*/*': asked,
        '/api/products*': cached,
        '/api/categories*': cached,
        '/api/*': asked,
      },
      errorResponses: errorsThatCloudFrontKeeps.map((httpStatus) => ({
        httpStatus,
        ttl: Duration.seconds(0),
      })),
    });
    Annotations.of(this.distribution).acknowledgeWarning(
      '@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac',
      'The policies of the buckets are in their own stack, where they trust the distributions of this account.',
    );
    for (const [rule, reason] of acknowledged) {
      acknowledge(this.distribution, `AwsSolutions-${rule}`, reason);
    }
    if (!domain) acknowledge(this.distribution, 'AwsSolutions-CFR4', ownNameTls);
  }

  /** By what the answer depends on, and nothing else; the app's Cache-Control says how long (seconds). */
  private createCatalogCaching(): CachePolicy {
    return new CachePolicy(this, 'Catalog', {
      comment: 'Products and categories: seconds, as the app says',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.seconds(60),
      queryStringBehavior: CacheQueryStringBehavior.allowList(...PRODUCT_QUERY),
      // Whoever has just written carries it, with a value of their own: they are answered by the shop itself.
      cookieBehavior: CacheCookieBehavior.allowList('wrote'),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    });
  }

  /**
   * Of the query, what is in the key and nothing else: the app would read `%71=…` as `q`, the CDN would not, and one
   * visitor's search would be everybody's front page.
   */
  private createCatalogRequests(): OriginRequestPolicy {
    return new OriginRequestPolicy(this, 'CatalogRequests', {
      comment: 'Headers and cookies, and of the query what is in the key',
      headerBehavior: OriginRequestHeaderBehavior.all(),
      cookieBehavior: OriginRequestCookieBehavior.all(),
      queryStringBehavior: OriginRequestQueryStringBehavior.none(),
    });
  }

  private createPhotoPath(): CdnFunction {
    return new CdnFunction(this, 'PhotoPath', {
      code: FunctionCode.fromFile({ filePath: join(__dirname, 'photo-path.viewer-request.js') }),
      runtime: FunctionRuntime.JS_2_0,
    });
  }
}

/** What lists of products understand (ProductQuery of the inventory service). */
const PRODUCT_QUERY = ['limit', 'after', 'category', 'q'];

/**
 * Otherwise for ten seconds, where caching is off too, and without cookies in the key: one visitor's refusal would be
 * everybody's. At zero the origin's Cache-Control decides, which is no-store but for products that do not exist.
 */
const errorsThatCloudFrontKeeps = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** By name, since CDK would write the distribution into the policy of a bucket that the distribution needs first. */
function bucketOrigin(scope: Construct, id: string, bucket: IBucket, access: S3OriginAccessControl): IOrigin {
  const imported = Bucket.fromBucketAttributes(scope, id, {
    bucketName: bucket.bucketName,
    bucketRegionalDomainName: bucket.bucketRegionalDomainName,
  });
  return S3BucketOrigin.withOriginAccessControl(imported, { originAccessControl: access });
}

const ownNameTls =
  "CloudFront's own name comes with its own certificate, for which it accepts TLSv1 and nothing can be set; a domain sets TLSv1.2_2021.";

const acknowledged = [
  ['CFR1', 'The shop is for people everywhere.'],
  [
    'CFR3',
    "CloudFront's logs need a bucket with ACLs, or a delivery in us-east-1 made after this stack. Logged instead: each API request by nginx, what is fetched from the buckets by S3, and samples of what WAF saw.",
  ],
] as const;
