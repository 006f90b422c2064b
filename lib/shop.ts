import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { managedSide } from './compute/managed-side';
import { ServicesStack } from './compute/services-stack';
import type { Config } from './config';
import { DataStack } from './data/data-stack';
import { EdgeStack } from './edge/edge-stack';
import { GlobalStack } from './edge/global-stack';
import { NetworkStack } from './network/network-stack';
import { OperationsStack } from './operations/operations-stack';

/** Wires the stacks of one phase. Ids never contain the phase: they are what a deployed shop is known by (rule C7). */
export function buildShop(app: App, config: Config): void {
  const { phase, domain } = config;
  const env = { region: config.region };
  const network = new NetworkStack(app, 'Shop-Network', {
    env,
    phase: phase.number,
    requires: phase.requires,
    database: phase.database,
    tiers: phase.tiers,
    tlsFromCdn: domain !== undefined,
    sshCidrs: config.sshCidrs,
  });
  const boxOrigin = `https://${domain?.name ?? network.address.ip}`;
  const data = new DataStack(app, 'Shop-Data', {
    env,
    dataVolumeGiB: config.dataVolumeGiB,
    database: phase.database,
    files: phase.files,
    tiers: phase.tiers,
    edge: phase.edge,
    shopOrigins: phase.edge === 'cdn' && !domain ? [boxOrigin, anyDistribution] : [boxOrigin],
    inside: network.inside,
  });
  const services = new ServicesStack(app, 'Shop-Services', {
    env,
    url: phase.edge === 'address' ? `${boxOrigin}/` : undefined,
    box: {
      size: config.boxSize,
      imageRelease: config.imageRelease,
      subnetId: network.firstPublicSubnetId,
      securityGroupId: network.firewall.groupId('box'),
      addressAllocationId: network.address.allocationId,
      dataVolumeId: data.volumeId,
      deployments: data.deployments,
      log: data.boxLog,
      domain: domain?.name,
      managed: managedSide(data),
    },
    tiers:
      phase.tiers === 'none' || !network.tiers
        ? undefined
        : { sizes: phase.tiers, imageRelease: config.imageRelease, network: network.tiers, data, domain },
    staticBucket: data.content?.static,
  });
  const { tiers } = services;
  const cdn =
    phase.edge === 'cdn' && tiers && data.content
      ? { webBalancer: tiers.webBalancer, content: data.content }
      : undefined;
  const global = cdn && new GlobalStack(app, 'Shop-Global', { env: { region: 'us-east-1' }, domain });
  const edge =
    domain || cdn
      ? new EdgeStack(app, 'Shop-Edge', {
          env,
          crossRegionReferences: true,
          address: network.address.ip,
          domain,
          deployments: data.deployments,
          cdn: cdn && global ? { webBalancer: cdn.webBalancer, content: cdn.content, global } : undefined,
        })
      : undefined;
  new OperationsStack(app, 'Shop-Operations', {
    env,
    alarmEmail: config.alarmEmail,
    box: services.box,
    boxSize: config.boxSize,
    dataVolumeId: data.volumeId,
    managedDatabase: data.managedDatabase,
    certificateFunction: edge?.certificateFunction,
    tiers,
  });
  // The guard is in the network stack: it must have agreed before anything else changes.
  data.addStackDependency(network);
  global?.addStackDependency(network);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

/** The CDN's own name is made after the bucket that has to know it; who uploads needs a signed request all the same. */
const anyDistribution = 'https://*.cloudfront.net';
