import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { bundle } from '../../bundle';
import type { ManagedDatabase } from '../../data/managed-database';
import type { TierSizes } from '../../phases';
import { InsideCertificate } from '../balancer/inside-certificate';
import { targets } from '../balancer/targets';
import { hostFiles } from '../fleet/host-files';
import type { TierProps } from '../fleet/tier-props';
import { AppBalancer } from './app-balancer';
import { AppGroup } from './app-group';
import { appPort } from './app-settings';

export interface ApiTierProps extends TierProps {
  readonly sizes: TierSizes;
  readonly database: ManagedDatabase;
  /** Photos. */
  readonly media: IBucket;
}

/** The app as a Read API and a Write API: the same release with another role, other permissions and another number. */
export class ApiTier extends Construct {
  readonly balancer: AppBalancer;
  readonly insideCertificate: InsideCertificate;
  readonly read: AppGroup;
  readonly write: AppGroup;

  constructor(scope: Construct, id: string, props: ApiTierProps) {
    super(scope, id);
    const { network, sizes } = props;
    const toApp = { vpc: network.vpc, port: appPort, chosen: 'least-busy' } as const;
    const read = targets(this, 'ReadTargets', toApp);
    const write = targets(this, 'WriteTargets', toApp);
    this.insideCertificate = new InsideCertificate(this, 'InsideCertificate');
    this.balancer = new AppBalancer(this, 'Balancer', {
      vpc: network.vpc,
      subnets: network.app,
      securityGroupId: network.firewall.groupId('appBalancer'),
      accessLogs: props.accessLogs,
      logsPrefix: 'balancers/app',
      certificate: this.insideCertificate.certificate,
      read,
      write,
    });
    const shared = {
      ...props,
      balancer: this.balancer,
      insideCertificate: this.insideCertificate.pem,
      host: new Asset(this, 'HostAsset', { path: hostFiles('api') }),
      release: new Asset(this, 'ReleaseAsset', { path: bundle().release }),
    };
    this.read = new AppGroup(this, 'Read', { ...shared, role: 'read', size: sizes.read, targets: read });
    this.write = new AppGroup(this, 'Write', { ...shared, role: 'write', size: sizes.write, targets: write });
  }
}
