import { type App, PropertyInjectors, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { makeAssetsReadable } from './assets';
import type { BoxProps } from './compute/box/box';
import { migrationTarget } from './compute/migration-target';
import { ServicesStack } from './compute/services-stack';
import type { Config } from './config';
import { DataStack } from './data/data-stack';
import { EdgeStack } from './edge/edge-stack';
import { GlobalStack } from './edge/global-stack';
import { EDGE_REGION, stackName } from './names';
import { NetworkStack } from './network/network-stack';
import { EdgeAlarmsStack } from './operations/edge-alarms-stack';
import { OperationsStack } from './operations/operations-stack';
import { PipelineStack } from './pipeline/pipeline-stack';
import { serviceTimeouts } from './service-timeouts';

/** The stacks of one phase. Ids never contain the phase: they identify the resources of a running shop (rule CDK-7). */
export function buildShop(app: App, config: Config): void {
  PropertyInjectors.of(app).add(serviceTimeouts);
  makeAssetsReadable(app);
  const { phase, domain, region } = config;
  const env = { region };
  const id = (part: Parameters<typeof stackName>[1]) => stackName(config.name, part);

  const network = new NetworkStack(app, id('Network'), {
    env,
    phase,
    zones: config.zones,
    userShards: config.userShards,
    tlsFromCdn: domain !== undefined,
    sshCidrs: config.sshCidrs,
  });
  const host = domain?.name ?? network.address?.ip;
  const boxOrigin = host && `https://${host}`;

  const data = new DataStack(app, id('Data'), {
    env,
    phase,
    dataVolumeGiB: config.dataVolumeGiB,
    userShards: config.userShards,
    zones: config.zones,
    shopOrigins: shopOrigins(config, boxOrigin),
    inside: network.inside,
  });

  const services = new ServicesStack(app, id('Services'), {
    env,
    url: phase.edge === 'address' ? `${boxOrigin}/` : undefined,
    box: phase.box === 'serves' ? boxProps(config, network, data) : phase.box,
    tiers: network.tiers && {
      plan: phase.tiers,
      loggedReadsPercent: phase.loggedReadsPercent,
      imageRelease: config.imageRelease,
      allowedOrigins: config.allowedOrigins,
      network: network.tiers,
      data,
      domain,
    },
    staticBucket: data.content?.static,
  });

  const global =
    phase.edge === 'cdn'
      ? new GlobalStack(app, id('Global'), { env: { region: EDGE_REGION }, domain })
      : undefined;

  const edge =
    domain || global
      ? new EdgeStack(app, id('Edge'), {
          env,
          crossRegionReferences: true,
          address: network.address?.ip,
          domain,
          deployments: data.deployments,
          box: phase.box,
          cdn: global && {
            ...{ global, webBalancer: services.tiers?.webBalancer, content: data.content },
            allowsOtherOrigins: config.allowedOrigins.length > 0,
          },
        })
      : undefined;

  const watchedEdge = edge?.distributionId &&
    global && { distributionId: edge.distributionId, webAcl: global.webAclMetric };
  const edgeAlarms =
    watchedEdge && region !== EDGE_REGION
      ? new EdgeAlarmsStack(app, id('EdgeAlarms'), { alarmEmail: config.alarmEmail, edge: watchedEdge })
      : undefined;

  new OperationsStack(app, id('Operations'), {
    env,
    phase,
    alarmEmail: config.alarmEmail,
    outside: outside(config, data, edge),
    box: services.box &&
      data.box && {
        groupName: services.box.groupName,
        claimFunction: services.box.claim.function,
        size: config.boxSize,
        volumeId: data.box.volumeId,
      },
    managedDatabase: data.managedDatabase,
    usersDatabases: data.userShards?.databases ?? (data.usersDatabase ? [data.usersDatabase] : []),
    cache: data.cache,
    warehouse: data.warehouse,
    photos: data.photos,
    certificateFunction: edge?.certificateFunction,
    tiers: services.tiers,
    fleetLog: data.fleetLog,
    trail: data.trailFiles &&
      data.content && { files: data.trailFiles, writesTo: [data.content.media, data.deployments] },
    edge: watchedEdge || undefined,
    edgeTopic: edgeAlarms?.topic,
    unwatched: config.unwatched,
  });

  if (config.repository) {
    const { repository, oidcProvider } = config;
    new PipelineStack(app, id('Pipeline'), { env, repository, oidcProvider });
  }

  // The guard is in the network stack: it must approve the deploy before anything else changes.
  data.addStackDependency(network);
  global?.addStackDependency(network);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}

/** Things that are watched from outside, once the phase has it. */
function outside({ phase, pagerduty, sentry }: Config, data: DataStack, edge: EdgeStack | undefined) {
  if (!phase.watchedFromOutside) return undefined;
  if (!data.fleetLog || !edge?.url)
    throw new Error('A canary needs a CDN and a log: this phase lacks one of them');
  return { pagerDuty: pagerduty, sentry, log: data.fleetLog, url: edge.url };
}

/** With a domain it is the same for the box and the CDN. */
function shopOrigins({ phase, domain }: Config, boxOrigin?: string): string[] {
  const byBox = boxOrigin && (domain || phase.box === 'serves') ? [boxOrigin] : [];
  return phase.edge === 'cdn' && !domain ? [...byBox, anyDistribution] : byBox;
}

/** The CDN's own name is not known when the bucket is created. Uploads need a signed request in any case. */
const anyDistribution = 'https://*.cloudfront.net';

/** The props of the box, from the stacks that it depends on. */
function boxProps(config: Config, network: NetworkStack, data: DataStack): BoxProps {
  if (!network.address || !data.box)
    throw new Error('A box needs an address and a data volume: both are gone');
  return {
    size: config.boxSize,
    imageRelease: config.imageRelease,
    subnetId: network.firstPublicSubnetId,
    securityGroupId: network.firewall.groupId('box'),
    addressAllocationId: network.address.allocationId,
    dataVolumeId: data.box.volumeId,
    deployments: data.deployments,
    log: data.box.log,
    domain: config.domain?.name,
    managed: migrationTarget(data),
    allowedOrigins: config.allowedOrigins,
  };
}
