import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Phase } from '../phases';
import { Box, type BoxProps } from './box/box';
import { Storefront } from './storefront';

export interface ServicesStackProps extends StackProps {
  readonly web: Phase['web'];
  /** Where browsers go; printed at the end of a deploy. */
  readonly url: string;
  readonly box: BoxProps;
  /** Gets the storefront's files of this release. */
  readonly staticBucket?: IBucket;
}

/** What runs the shop. Holds no data, so every part may be replaced. */
export class ServicesStack extends Stack {
  readonly box: Box;

  constructor(scope: Construct, id: string, props: ServicesStackProps) {
    super(scope, id, props);
    new CfnOutput(this, 'Url', { value: props.url });
    switch (props.web) {
      case 'box':
        this.box = new Box(this, 'Box', props.box);
    }
    if (props.staticBucket) new Storefront(this, 'Storefront', props.staticBucket);
  }
}
