import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { Box, type BoxProps } from './box/box';
import { Storefront } from './storefront';
import { Tiers, type TiersProps } from './tiers';

export interface ServicesStackProps extends StackProps {
  /** Where browsers go, printed at the end of a deploy; without it the stack that knows prints it. */
  readonly url?: string;
  readonly box: BoxProps;
  /** Once hosts come in groups. */
  readonly tiers?: TiersProps;
  /** Gets the storefront's files of this release. */
  readonly staticBucket?: IBucket;
}

/** What runs the shop. Holds no data, so every part may be replaced. */
export class ServicesStack extends Stack {
  readonly box: Box;
  readonly tiers?: Tiers;

  constructor(scope: Construct, id: string, props: ServicesStackProps) {
    super(scope, id, props);
    if (props.url) new CfnOutput(this, 'Url', { value: props.url });
    this.box = new Box(this, 'Box', props.box);
    if (props.tiers) this.tiers = new Tiers(this, 'Tiers', props.tiers);
    if (props.staticBucket) new Storefront(this, 'Storefront', props.staticBucket, this.tiers?.rolledOut);
  }
}
