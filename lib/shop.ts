import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { managedSide } from './compute/managed-side';
import { ServicesStack } from './compute/services-stack';
import type { Config } from './config';
import { DataStack } from './data/data-stack';
import { EdgeStack } from './edge/edge-stack';
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
    sshCidrs: config.sshCidrs,
  });
  const shopOrigin = `https://${domain?.name ?? network.address.ip}`;
  const data = new DataStack(app, 'Shop-Data', {
    env,
    dataVolumeGiB: config.dataVolumeGiB,
    database: phase.database,
    files: phase.files,
    shopOrigin,
    inside: network.inside,
  });
  const services = new ServicesStack(app, 'Shop-Services', {
    env,
    web: phase.web,
    url: `${shopOrigin}/`,
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
    staticBucket: data.content?.static,
  });
  const edge =
    domain &&
    new EdgeStack(app, 'Shop-Edge', {
      env,
      address: network.address.ip,
      domain,
      deployments: data.deployments,
    });
  new OperationsStack(app, 'Shop-Operations', {
    env,
    alarmEmail: config.alarmEmail,
    box: services.box,
    boxSize: config.boxSize,
    dataVolumeId: data.volumeId,
    managedDatabase: data.managedDatabase,
    certificateFunction: edge?.certificateFunction,
  });
  // The guard is in the network stack: it must have agreed before anything else changes.
  data.addStackDependency(network);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
