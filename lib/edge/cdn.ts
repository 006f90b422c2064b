import { join } from 'node:path';
import { Annotations, Duration } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CacheCookieBehavior,
  CacheHeaderBehavior,
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
import type { ContentBuckets } from '../data/content-buckets';
import { ROOT } from '../root';
import { suppressNag } from '../suppress-nag';
import { SecurityHeaders } from './security-headers';
import { webOrigin } from './web-origin';

export interface CdnProps {
  readonly webBalancer: IApplicationLoadBalancer;
  readonly content: ContentBuckets;
  readonly webAclArn: string;
  /** True if pages of other origins may call the API: each gets answers of its own. Default: false. */
  readonly allowsOtherOrigins?: boolean | undefined;
  /** Without it, viewers use the CDN's own name. */
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
      // Includes Host: the app compares it with the origin of a request.
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER,
    };
    const asked: BehaviorOptions = { ...api, cachePolicy: CachePolicy.CACHING_DISABLED };
    const cached: BehaviorOptions = {
      ...api,
      cachePolicy: this.createCatalogCaching(props.allowsOtherOrigins),
      originRequestPolicy: this.createCatalogRequests(),
    };
    const access = new S3OriginAccessControl(this, 'Access');
    this.distribution = new Distribution(this, 'Distribution', {
      comment: 'The shop',
      domainNames: domain && [domain.name],
      certificate: domain?.certificate,
      minimumProtocolVersion: domain && SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      // The region is configurable: a cheaper price class might have no edge locations on its continent.
      priceClass: PriceClass.PRICE_CLASS_ALL,
      webAclId: props.webAclArn,
      defaultRootObject: 'index.html',
      defaultBehavior: { ...everywhere, origin: bucketOrigin(this, 'Static', content.static, access) },
      // The first match applies.
      additionalBehaviors: {
        '/media/photos/*': {
          ...everywhere,
          origin: bucketOrigin(this, 'Media', content.media, access),
          functionAssociations: [
            { eventType: FunctionEventType.VIEWER_REQUEST, function: this.createPhotoPath() },
          ],
        },
        // Paths below a product are for staff.
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
      'The bucket policies are in the stack of the buckets, where they trust the distributions of this account.',
    );
    for (const [rule, reason] of acknowledged) {
      suppressNag(this.distribution, `AwsSolutions-${rule}`, reason);
    }
    if (!domain) suppressNag(this.distribution, 'AwsSolutions-CFR4', ownNameTls);
  }

  /** The key holds only the inputs of a response; the app's Cache-Control sets the time to live (seconds). */
  private createCatalogCaching(allowsOtherOrigins = false): CachePolicy {
    return new CachePolicy(this, 'Catalog', {
      comment: 'Products and categories: seconds, set by the app',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.seconds(60),
      queryStringBehavior: CacheQueryStringBehavior.allowList(...PRODUCT_QUERY),
      ...(allowsOtherOrigins && { headerBehavior: CacheHeaderBehavior.allowList('Origin') }),
      // A client that has just written sends it, with a unique value, so the shop itself answers. A forged cookie also
      // passes here, and nginx answers it from its cache (decision 0096).
      cookieBehavior: CacheCookieBehavior.allowList('wrote'),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    });
  }

  /**
   * Forwards only the query parameters in the cache key. Otherwise the app would read `%71=…` as `q`, the CDN would
   * not, and one visitor's search would be cached as the home page.
   */
  private createCatalogRequests(): OriginRequestPolicy {
    return new OriginRequestPolicy(this, 'CatalogRequests', {
      comment: 'Headers, cookies, and the query parameters in the key',
      headerBehavior: OriginRequestHeaderBehavior.all(),
      cookieBehavior: OriginRequestCookieBehavior.all(),
      queryStringBehavior: OriginRequestQueryStringBehavior.none(),
    });
  }

  private createPhotoPath(): CdnFunction {
    return new CdnFunction(this, 'PhotoPath', {
      code: FunctionCode.fromFile({ filePath: join(ROOT, 'lib', 'edge', 'photo-path.viewer-request.js') }),
      runtime: FunctionRuntime.JS_2_0,
    });
  }
}

/** The query parameters of product lists (ProductQuery of the inventory service). */
const PRODUCT_QUERY = ['limit', 'after', 'category', 'sort', 'q'];

/**
 * By default CloudFront caches errors for ten seconds, even with caching disabled and without cookies in the key: one
 * visitor's error would reach everybody. At zero the origin's Cache-Control applies: no-store, except for 404 products.
 */
const errorsThatCloudFrontKeeps = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** By name: the CDK would add the distribution to the bucket policy, a circular dependency between the stacks. */
function bucketOrigin(scope: Construct, id: string, bucket: IBucket, access: S3OriginAccessControl): IOrigin {
  const imported = Bucket.fromBucketAttributes(scope, id, {
    bucketName: bucket.bucketName,
    bucketRegionalDomainName: bucket.bucketRegionalDomainName,
  });
  return S3BucketOrigin.withOriginAccessControl(imported, { originAccessControl: access });
}

const ownNameTls =
  "CloudFront's default certificate accepts TLSv1, which cannot be configured; with a domain the minimum is TLSv1.2_2021.";

const acknowledged = [
  ['CFR1', 'The shop is open to every country.'],
  [
    'CFR3',
    "CloudFront's logs need a bucket with ACLs, or a delivery in us-east-1 made after this stack. Instead nginx logs each API request, S3 logs access to the buckets, and WAF keeps samples.",
  ],
] as const;
