import type { Resource, Templates } from '../cloudformation';
import { costLines } from '../cost/bill';
import { type CostLine, nameOf, usdOf } from '../cost/line';
import { priceOf } from '../cost/prices';
import { NOBODY, type Usage } from '../cost/usage';
import { heldBy, keeps } from '../stateful';

/** Something that is there after `cdk destroy --all`. */
export interface Survivor {
  readonly stack: string;
  readonly id: string;
  /** The construct path below the stack. */
  readonly name: string;
  readonly type: string;
  readonly why: string;
  /** The loss when it is deleted. */
  readonly holds: string;
  /** A month, until it is deleted. */
  readonly usd: number;
  /** The command that deletes it; `<id>` is its physical id. */
  readonly remove: string;
}

/** A type that stays without a way to delete it would be paid for ever. */
class NoWayToDeleteError extends Error {
  override name = 'NoWayToDeleteError';
}

/** The commands that end each type, in the order in which they work: what uses a key goes before the key. */
const REMOVALS: Readonly<Record<string, string>> = {
  'AWS::RDS::DBInstance': 'aws rds delete-db-instance --db-instance-identifier <id>',
  'AWS::RDS::DBCluster':
    'aws rds modify-db-cluster --no-deletion-protection --apply-immediately --db-cluster-identifier <id>, ' +
    'then aws rds delete-db-cluster --skip-final-snapshot --db-cluster-identifier <id>',
  'AWS::RedshiftServerless::Workgroup': 'aws redshift-serverless delete-workgroup --workgroup-name <id>',
  'AWS::RedshiftServerless::Namespace': 'aws redshift-serverless delete-namespace --namespace-name <id>',
  'AWS::DynamoDB::Table': 'aws dynamodb delete-table --table-name <id>',
  'AWS::DynamoDB::GlobalTable': 'aws dynamodb delete-table --table-name <id>',
  'AWS::SQS::Queue': 'aws sqs delete-queue --queue-url <id>',
  'AWS::ElastiCache::ServerlessCache': 'aws elasticache delete-serverless-cache --serverless-cache-name <id>',
  'AWS::EC2::Volume': 'aws ec2 delete-volume --volume-id <id>',
  'AWS::EC2::EIP': 'aws ec2 release-address --allocation-id <id>',
  'AWS::S3::Bucket': 'aws s3 rm --recursive s3://<id>, then aws s3api delete-bucket --bucket <id>',

  'AWS::SecretsManager::Secret':
    'aws secretsmanager delete-secret --force-delete-without-recovery --secret-id <id>',
  'AWS::Logs::LogGroup': 'aws logs delete-log-group --log-group-name <id>',
  'AWS::KMS::Key': 'aws kms schedule-key-deletion --pending-window-in-days 7 --key-id <id>',
};

/** Things that the shop makes in an account beside its stacks, by the type in the template that causes it. */
const OUTSIDE: Readonly<Record<string, Omit<Survivor, 'stack' | 'id' | 'type' | 'usd'>>> = {
  'AWS::DLM::LifecyclePolicy': {
    name: 'the daily snapshots of the volume',
    why: 'made beside the stacks',
    holds: 'the last seven days of the volume',
    remove: 'aws ec2 delete-snapshot --snapshot-id <id>',
  },
  'Custom::SlowLogGroup': {
    name: 'the log of slow statements',
    why: 'made beside the stacks',
    holds: 'a month of slow statements',
    remove: 'aws logs delete-log-group --log-group-name /aws/rds/cluster/<cluster>/slowquery',
  },
};

/**
 * Everything that is left of a shop in a phase, in the order in which it is deleted.
 * @param earlier templates of the phases before it: each step may have left something in no stack
 */
export function survivors(templates: Templates, earlier: readonly Templates[], usage: Usage): Survivor[] {
  const all = [...earlier.flatMap((of) => survivorsOf(of, NOBODY)), ...survivorsOf(templates, usage)];
  const unique = new Map(all.map((one) => [`${one.stack}/${one.id} ${one.name}`, one]));
  const left = [...unique.values()].map((one) => {
    const stands = templates[one.stack]?.Resources?.[one.id] !== undefined;
    return stands ? one : { ...one, why: 'left by an earlier step' };
  });
  const order = Object.keys(REMOVALS);
  return left.sort((one, other) => order.indexOf(one.type) - order.indexOf(other.type));
}

function survivorsOf(templates: Templates, usage: Usage): Survivor[] {
  const lines = costLines(templates, usage);
  return Object.entries(templates).flatMap(([stack, { Resources = {} }]) =>
    Object.entries(Resources).flatMap(([id, resource]): Survivor[] => {
      const { Type: type } = resource;
      const usd = costOf(lines, `${stack}/${id}`);
      const outside = OUTSIDE[type];
      if (outside) return [{ stack, id, type, usd, ...outside }];
      const policy = policyOf(resource);
      if (policy === undefined) return [];
      const remove = REMOVALS[type];
      if (!remove)
        throw new NoWayToDeleteError(
          `${stack}/${id} is a ${type} with the policy ${policy}; add the command that deletes it to review/teardown/survivors.ts`,
        );
      const about = { stack, id, name: nameOf({ id, resource }), type, holds: heldBy(resource) ?? 'no data' };
      // A snapshot of a volume costs less than the volume; that of a cluster as much as its rows at most.
      return policy === 'Snapshot'
        ? [
            {
              ...about,
              why: 'a final snapshot',
              usd: usd * SNAPSHOT,
              remove: SNAPSHOT_REMOVALS[type] ?? remove,
            },
          ]
        : [{ ...about, why: 'retained', usd, remove }];
    }),
  );
}

/** The price of a snapshot by that of a volume, 0.05 to 0.08. */
const SNAPSHOT = 0.625;
const SNAPSHOT_REMOVALS: Readonly<Record<string, string>> = {
  'AWS::EC2::Volume': 'aws ec2 delete-snapshot --snapshot-id <id>',
  'AWS::RDS::DBCluster': 'aws rds delete-db-cluster-snapshot --db-cluster-snapshot-identifier <id>',
};

/** The policy by which a resource stays. Without one, a database cluster ends with a snapshot. */
function policyOf({ Type, DeletionPolicy }: Resource): string | undefined {
  const policy = DeletionPolicy ?? (Type === 'AWS::RDS::DBCluster' ? 'Snapshot' : undefined);
  return keeps(policy) || policy === 'Snapshot' ? policy : undefined;
}

const costOf = (lines: readonly CostLine[], cause: string): number =>
  lines.filter((line) => line.cause === cause && goesOn(line)).reduce((sum, line) => sum + usdOf(line), 0);

/** Nobody comes any more, but what is stored is billed, and instances at their least. */
const goesOn = ({ kind, price }: CostLine): boolean => kind === 'fixed' || priceOf(price).per === 'GB-month';
