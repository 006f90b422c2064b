import { Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ContentBuckets } from '../../../lib/data/content-buckets';
import { EdgeStack } from '../../../lib/edge/edge-stack';
import { GlobalStack } from '../../../lib/edge/global-stack';
import type { Phase } from '../../../lib/phases';
import type { Json } from '../../../review/cloudformation';
import { synthesisOf } from '../../../review/synthesis';
import { settings } from '../../phases/synthesized';
import { uncheckedApp } from '../../support/unchecked-app';

const domain = { name: 'shop.example.com', hostedZoneId: 'Z0123456789ABCDEFGHIJ' };

/** The edge stacks before a balancer and buckets of a test: with a domain away from us-east-1, without one there. */
export function edgeFixture(options: {
  readonly domain: boolean;
  readonly box?: Phase['box'];
  readonly allowsOtherOrigins?: boolean;
}) {
  const app = uncheckedApp({ context: settings });
  const named = options.domain ? domain : undefined;
  const env = { region: named ? 'eu-west-1' : 'us-east-1' };
  const origins = new Stack(app, 'Origins', { env });
  const deployments = new Bucket(origins, 'Deployments');
  const content = new ContentBuckets(origins, 'Content', {
    shopOrigins: ['https://shop.example.com'],
    readByCdn: true,
  });
  const webBalancer = new ApplicationLoadBalancer(origins, 'Web', { vpc: new Vpc(origins, 'Vpc') });
  const global = new GlobalStack(app, 'Global', { env: { region: 'us-east-1' }, domain: named });
  new EdgeStack(app, 'Edge', {
    env,
    crossRegionReferences: true,
    address: '203.0.113.5',
    domain: named,
    deployments,
    box: options.box ?? 'serves',
    cdn: { webBalancer, content, global, allowsOtherOrigins: options.allowsOtherOrigins ?? false },
  });
  const { templates } = synthesisOf(app.synth());
  /** The properties of the resources of a type, in both stacks. */
  const all = (type: string): Readonly<Record<string, Json>>[] =>
    ['Global', 'Edge'].flatMap((stack) =>
      Object.values(templates[stack]?.Resources ?? {})
        .filter(({ Type }) => Type === type)
        .map(({ Properties = {} }) => Properties),
    );
  return { templates, all };
}
