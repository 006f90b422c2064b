import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { mostInRollout } from '../compute/fleet/replacement';
import type { Tiers, WatchedGroup } from '../compute/tiers';
import type { Cache } from '../data/cache';
import type { ManagedDatabase } from '../data/managed-database';
import type { PhotoStore } from '../data/photo-store';
import { schemasOf } from '../data/schemas';
import type { Warehouse } from '../data/warehouse/warehouse';
import { EDGE_REGION, shopOf } from '../names';
import { mostInstances, type Phase } from '../phases';
import { AlarmTopic } from './alarm-topic';
import { type BoxAlarmsOptions, boxAlarms } from './box-alarms';
import { Budget } from './budget';
import { cacheAlarms } from './cache-alarms';
import { Dashboards } from './dashboards/dashboards';
import { type AppHosts, databaseAlarms } from './database-alarms';
import { edgeAlarms, type WatchedEdge } from './edge-alarms';
import { functionAlarm } from './function-alarm';
import { AnswerCounts } from './objectives/answer-counts';
import { shopperObjectives } from './objectives/bad-answers';
import { BurnRateAlarms } from './objectives/burn-rate-alarms';
import { measuredObjective } from './objectives/service-answers';
import { outgrownAlarms } from './outgrown-alarms';
import { Outside, type OutsideProps } from './outside';
import { photoAlarms } from './photo-alarms';
import { SavedQueries } from './saved-queries';
import { serviceFunctionAlarms } from './service-function-alarms';
import { createAlarm, type ShopAlarm } from './shop-alarm';
import { tierAlarms } from './tier-alarms';
import { Trail } from './trail';
import { warehouseAlarms } from './warehouse-alarms';

export interface OperationsStackProps extends StackProps {
  readonly phase: Pick<Phase, 'monitoring' | 'outgrownBy' | 'monthlyCost'>;
  readonly alarmEmail?: string;
  /** Absent once it no longer serves. */
  readonly box?: WatchedBox;
  readonly managedDatabase?: ManagedDatabase;
  /** Clusters of the users alone, once they have one. */
  readonly usersDatabases: readonly ManagedDatabase[];
  readonly cache?: Cache | undefined;
  readonly warehouse?: Warehouse | undefined;
  /** Present once photos have workers. */
  readonly photos?: PhotoStore | undefined;
  readonly certificateFunction?: IFunction;
  /** Present once the phase is watched from outside. */
  readonly outside?: OutsideProps | undefined;
  /** Present once there are tiers. */
  readonly tiers?: Tiers;
  /** Of the hosts in the tiers. */
  readonly fleetLog?: ILogGroup;
  /** Present once a trail is kept. */
  readonly trail?: TrailBuckets;
  /** Present once there is a CDN. */
  readonly edge?: WatchedEdge | undefined;
  /** Of the alarms on the edge, if they are in another region. */
  readonly edgeTopic?: ITopic | undefined;
  /** A service whose groups no alarm and no dashboard shows, so that they may be exchanged. Default: none. */
  readonly unwatched?: string | undefined;
}

interface WatchedBox extends Pick<BoxAlarmsOptions, 'groupName' | 'size' | 'volumeId'> {
  readonly claimFunction: IFunction;
}

interface TrailBuckets {
  readonly files: IBucket;
  readonly writesTo: readonly IBucket[];
}

/**
 * Alarms: for failures that need a person, and for the resource that runs out first (row A3). In later phases also the
 * parts that show a person the cause (row E5).
 */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, props: OperationsStackProps) {
    super(scope, id, { ...props, crossRegionReferences: true });
    const topic = new AlarmTopic(this, 'Alarms', props.alarmEmail);
    const outside =
      props.outside &&
      new Outside(this, 'Outside', {
        ...{ ...props.outside, topic: topic.topic, edgeTopic: props.edgeTopic },
      });
    for (const alarm of [...this.alarms(props), ...(outside?.alarms ?? [])])
      createAlarm(this, topic.topic, alarm);
    new Budget(this, 'Budget', { monthlyCost: props.phase.monthlyCost, alarms: topic });
    if (props.phase.monitoring === 'objectives') {
      this.observe(props, topic.topic);
      if (props.trail) new Trail(this, 'Trail', props.trail);
    }
  }

  private alarms(props: OperationsStackProps): ShopAlarm[] {
    const { box } = props;
    const namespace = shopOf(this.stackName);
    const alarms = box
      ? [
          ...boxAlarms({ ...box, namespace }),
          functionAlarm('ClaimFailed', 'a-box-could-not-claim-address-and-data', box.claimFunction),
        ]
      : [];
    if (props.certificateFunction) {
      alarms.push(
        functionAlarm('CertificateFailed', 'a-certificate-was-not-exported', props.certificateFunction),
      );
    }
    const { managedDatabase, cache, tiers } = props;
    const hosts = tiers ? appHosts(tiers) : noHosts;
    if (managedDatabase)
      alarms.push(
        ...databaseAlarms(managedDatabase, {
          box: box !== undefined,
          appHosts: hosts,
          functions: tiers ? sum(tiers.functions, ({ concurrency }) => concurrency) : 0,
        }),
      );
    for (const [index, database] of props.usersDatabases.entries())
      alarms.push(...usersDatabaseAlarms(database, index + 1, tiers));
    if (cache) alarms.push(...cacheAlarms(cache, hosts));
    if (props.warehouse) alarms.push(...warehouseAlarms(props.warehouse));
    if (props.photos && tiers?.photoWorker)
      alarms.push(...photoAlarms({ photos: props.photos, worker: tiers.photoWorker }));
    if (props.edge && this.region === EDGE_REGION) alarms.push(...edgeAlarms(props.edge));
    const { monitoring, outgrownBy: signs } = props.phase;
    if (tiers) {
      const watched = tiersWithout(tiers, props.unwatched);
      alarms.push(
        ...tierAlarms({ ...watched, namespace, monitoring }),
        ...watched.functions.flatMap(serviceFunctionAlarms),
      );
    }
    const clusterId = managedDatabase?.database.clusterId;
    alarms.push(...outgrownAlarms({ signs, namespace, boxGroupName: box?.groupName, clusterId }));
    return alarms;
  }

  private observe(
    { tiers, unwatched, fleetLog: log, managedDatabase, usersDatabases, cache, edge }: OperationsStackProps,
    topic: ITopic,
  ) {
    const [webBalancer] = tiers?.watched.filter(({ id }) => id === 'Web') ?? [];
    if (!tiers || !webBalancer || !log || !managedDatabase) {
      throw new Error(
        'Objectives need tiers with a log, and a managed database: this phase lacks one of them',
      );
    }
    const namespace = shopOf(this.stackName);
    new AnswerCounts(this, 'Answers', { log, namespace });
    const objectives = shopperObjectives({ webBalancer, namespace });
    const { alarmArns } = new BurnRateAlarms(this, 'Objectives', { topic, objectives });
    const { watched: balancers, services, functions } = tiersWithout(tiers, unwatched);
    const own = services.map((service) => ({ service, objective: measuredObjective(service) }));
    const { alarmArns: serviceAlarms } = new BurnRateAlarms(this, 'ServiceObjectives', {
      ...{ topic, objectives: own.map(({ objective }) => objective) },
    });
    const { database } = managedDatabase;
    new Dashboards(this, 'Dashboards', {
      ...{
        balancers,
        database,
        usersDatabase: usersDatabases[0]?.database,
        cache,
        distributionId: edge?.distributionId,
        namespace,
        objectives,
      },
      alarmArns: [...alarmArns.values()].flat(),
      services: own.map((each) => ({
        ...each,
        alarmArns: serviceAlarms.get(each.objective.id) ?? [],
        functions: functions.filter(({ service }) => service === each.service.name),
      })),
    });
    new SavedQueries(this, 'Queries', { shop: namespace, log });
  }
}

function tiersWithout(tiers: Tiers, unwatched: string | undefined) {
  const isWatched = ({ service }: { readonly service: string }) => service !== unwatched;
  return {
    rolloutFunction: tiers.rolloutFunction,
    functions: tiers.functions.filter(isWatched),
    services: tiers.services.filter(({ name }) => name !== unwatched),
    watched: tiers.watched.map((balancer) => ({ ...balancer, groups: balancer.groups.filter(isWatched) })),
  };
}

const noHosts: AppHosts = { least: 0, most: 0, inRollout: 0, schemas: 0 };

/** Only the groups of the app balancer open connections to the database and the cache. */
function appHosts(tiers: Tiers, isMeant: (group: WatchedGroup) => boolean = () => true): AppHosts {
  const groups = tiers.watched
    .filter(({ id }) => id === 'App')
    .flatMap((balancer) => balancer.groups)
    .filter(isMeant);
  return {
    least: sum(groups, ({ size }) => size.instances),
    most: sum(groups, ({ size }) => mostInstances(size)),
    inRollout: sum(groups, ({ size }) => mostInRollout(size)),
    schemas: Math.max(
      0,
      ...groups.map(({ service }) => (service === 'none' ? 0 : schemasOf(service).length)),
    ),
  };
}

/** The same alarms, of a cluster that hosts of users alone connect to; the first has no number in its name. */
function usersDatabaseAlarms(
  database: ManagedDatabase,
  number: number,
  tiers: Tiers | undefined,
): ShopAlarm[] {
  const name = number === 1 ? 'Users' : `UserShard${number}`;
  const cluster = number === 1 ? "The users' cluster" : `Shard ${number} of the users`;
  const ofUsers = ({ service }: { readonly service: string }) => service === 'users';
  const alarms = databaseAlarms(database, {
    box: false,
    appHosts: tiers ? appHosts(tiers, ofUsers) : noHosts,
    functions: tiers ? sum(tiers.functions.filter(ofUsers), ({ concurrency }) => concurrency) : 0,
  });
  return alarms.map((alarm) => ({
    ...alarm,
    id: `${name}${alarm.id}`,
    what: `${cluster}: ${alarm.what}`,
  }));
}

const sum = <One>(all: readonly One[], count: (one: One) => number): number =>
  all.reduce((total, one) => total + count(one), 0);
