import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { OUTPUT } from '../names';
import { Box, type BoxProps } from './box/box';
import { RetiredBox } from './box/retired-box';
import { Storefront } from './storefront';
import { Tiers, type TiersProps } from './tiers';

export interface ServicesStackProps extends StackProps {
  /** The shop's URL for the output of a deploy. Without it, the edge stack prints it. */
  readonly url?: string;
  readonly box: BoxProps | 'retired' | 'gone';
  /** Present once hosts are in groups. */
  readonly tiers?: TiersProps;
  /** Receives the storefront's files of this release. */
  readonly staticBucket?: IBucket;
}

/** The compute resources of the shop. They hold no data, so every part may be replaced. */
export class ServicesStack extends Stack {
  /** Absent once it no longer serves. */
  readonly box?: Box;
  readonly tiers?: Tiers;

  constructor(scope: Construct, id: string, props: ServicesStackProps) {
    super(scope, id, props);
    if (props.url) new CfnOutput(this, OUTPUT.url, { value: props.url });
    if (typeof props.box === 'object') this.box = new Box(this, 'Box', props.box);
    if (props.tiers) this.tiers = new Tiers(this, 'Tiers', props.tiers);
    // `npm run federate` asks for it: hosts of an earlier phase would lose users that move.
    if (props.tiers?.data.usersDatabase) new CfnOutput(this, OUTPUT.followsUsers, { value: 'true' });
    if (props.box === 'retired' && props.tiers && this.tiers) {
      const { webTemplate: launchTemplate, readers } = this.tiers;
      const box = new RetiredBox(this, 'Box', { launchTemplate, subnets: props.tiers.network.web });
      // The box wrote too.
      for (const reader of readers) reader.rollAfter(box.group);
    }
    if (props.staticBucket) new Storefront(this, 'Storefront', props.staticBucket, this.tiers?.rolledOut);
  }
}
