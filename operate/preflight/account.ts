import type { Config } from '../../lib/config';
import { GROUP_ROLE } from '../aws/account';
import { fromSeen, judged, type Row, skipped, toLookAt } from '../report/row';
import type { Facts } from './facts';

/** The version of the CDK's bootstrap that its templates ask for. */
const BOOTSTRAP = 6;

export function accountRows({ phase, region }: Config, facts: Facts): Row[] {
  const usesUsEast1 = phase.edge === 'cdn' && region !== 'us-east-1';
  return [
    bootstrapped(region, facts.bootstrap),
    usesUsEast1
      ? bootstrapped('us-east-1', facts.bootstrapUsEast1)
      : skipped('bootstrap for a CDN', 'no second region in this phase'),
    phase.database.placement === 'aurora'
      ? linkedRole('role of RDS', 'rds', facts.databaseRole)
      : skipped('role of RDS', 'no managed database in this phase'),
    phase.cache === 'none'
      ? skipped('role of ElastiCache', 'no cache in this phase')
      : linkedRole('role of ElastiCache', 'elasticache', facts.cacheRole),
    keyRow(facts.defaultKey),
    ...(phase.edge === 'cdn'
      ? [allowed('balancers', facts.balancer), allowed('distributions', facts.distribution)]
      : [skipped('balancers', 'none in this phase'), skipped('distributions', 'none in this phase')]),
  ];
}

function bootstrapped(region: string, seen: Facts['bootstrap']): Row {
  const subject = `bootstrap ${region}`;
  const needed = `version ${BOOTSTRAP} or newer`;
  return fromSeen(subject, needed, seen, (stack) => {
    const version = stack?.outputs.BootstrapVersion;
    const account = stack?.id.split(':')[4];
    const found = version ? `version ${version}, account ${account}` : 'none';
    const isEnough = Number(version ?? 0) >= BOOTSTRAP;
    return judged(
      subject,
      found,
      needed,
      isEnough ? [] : [`npx cdk bootstrap aws://${account ?? '<account>'}/${region}`],
    );
  });
}

/** RDS and ElastiCache make theirs late, and the first deploy fails meanwhile. */
function linkedRole(subject: string, service: string, seen: Facts['cacheRole']): Row {
  return fromSeen(subject, 'a service-linked role', seen, (isThere) =>
    judged(
      subject,
      isThere ? 'there' : 'none',
      'a service-linked role',
      isThere ? [] : [`aws iam create-service-linked-role --aws-service-name ${service}.amazonaws.com`],
    ),
  );
}

function keyRow(seen: Facts['defaultKey']): Row {
  const subject = 'key of new volumes';
  const needed = "Amazon's, or one that Auto Scaling may use";
  return fromSeen(subject, needed, seen, (key) => {
    if (key === 'aws') return judged(subject, "Amazon's", needed);
    const account = key.arn.split(':')[4] ?? '<account>';
    const role = `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/${GROUP_ROLE}`;
    const grant = `aws kms create-grant --key-id ${key.arn} --grantee-principal ${role} --operations Encrypt Decrypt ReEncryptFrom ReEncryptTo GenerateDataKey GenerateDataKeyWithoutPlaintext DescribeKey CreateGrant`;
    return judged(
      subject,
      `your own, ${key.letsGroups ? '' : 'not '}for ${GROUP_ROLE}`,
      needed,
      key.letsGroups ? [] : [grant],
    );
  });
}

/** No call tells whether an account was verified. One that has such a thing may make another. */
function allowed(subject: string, seen: Facts['balancer']): Row {
  const needed = 'the account may make one';
  return fromSeen(subject, needed, seen, (hasOne) =>
    hasOne
      ? judged(subject, 'the account has one', needed)
      : toLookAt(subject, 'none yet, so nobody can say', needed, [
          'docs/deploy.md, "A rehearsal in a young account"',
        ]),
  );
}
