import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { phaseNumbered } from '../../lib/phases';
import { ROOT } from '../../lib/root';
import { constructPath, type Json } from '../../review/cloudformation';
import { keyOf, resolveReferences } from '../../review/resolve-references';
import { type DeployedResource, resources, templatesOf } from './synthesized';

/**
 * The program of each function of the infrastructure, by the end of its path. A function has the rights to the calls that
 * its program makes, at the resources that the function is told of, and no others.
 */
const programs: Readonly<Record<string, string>> = {
  'Guard/Function': 'lib/guard/guard.handler.ts',
  'S3/Function': 'lib/network/prefix-list.handler.ts',
  'MachineImage/Function': 'lib/compute/box/image.handler.ts',
  'Box/Claim/Function': 'lib/compute/box/attach-volume-and-ip.handler.ts',
  'Box/Release/Function': 'lib/compute/box/release.handler.ts',
  'Exported/Function': 'lib/compute/box/certificate.handler.ts',
  'InsideCertificate/Function': 'lib/compute/balancer/inside-certificate.handler.ts',
  'Rollout/Function': 'lib/compute/fleet/rollout.handler.ts',
  'Storefront/Function': 'lib/compute/storefront.handler.ts',
  'Migrations/Function': 'lib/data/migrations.handler.ts',
  'Rotation/Function': 'lib/data/rotation.handler.ts',
  'Staff/Function': 'lib/data/staff.handler.ts',
  'ListRebuild/Function': 'lib/data/list-rebuild.handler.ts',
  'StockAudit/Function': 'lib/data/stock-audit.handler.ts',
  'UserShards/Mover': 'lib/data/user-shards.handler.ts',
  'Federation/Function': 'lib/data/federation.handler.ts',
  'Warehouse/Archive': 'lib/data/warehouse/archive.handler.ts',
  'Warehouse/Load': 'lib/data/warehouse/load.handler.ts',
  'Incidents/Function': 'lib/operations/incidents/incidents.handler.ts',
  'PhotoWorker/Function': 'lambda/thumbnails/handler.ts',
};

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: Json | readonly Json[];
  readonly Condition?: Json;
}
interface Granted extends Statement {
  readonly stack: string;
}

const listed = <One>(one: One | readonly One[]): readonly One[] => (Array.isArray(one) ? one : [one as One]);
const pathOf = ({ resource }: Pick<DeployedResource, 'resource'>) =>
  constructPath(resource).replace(/^[^/]+\//, '');

/** The functions that run a program of this repository. */
const functions = () =>
  resources('AWS::Lambda::Function').flatMap((found) => {
    const [, program] =
      Object.entries(programs).find(([end]) => `/${pathOf(found)}`.endsWith(`/${end}`)) ?? [];
    return program ? [{ ...found, program }] : [];
  });

/** The statements of a policy, and those that a role has itself. */
function statementsIn({ resource }: Pick<DeployedResource, 'resource'>): Statement[] {
  const { Type, Properties = {} } = resource;
  const documents =
    Type === 'AWS::IAM::Policy'
      ? [Properties.PolicyDocument]
      : ((Properties.Policies ?? []) as { PolicyDocument: Json }[]).map((own) => own.PolicyDocument);
  return (documents as unknown as { Statement: Statement[] }[]).flatMap(({ Statement }) => Statement);
}

/** All that give rights to roles. */
const givers = () => [...resources('AWS::IAM::Policy'), ...resources('AWS::IAM::Role')];

/** The statements of the role of a function, but for those on its own log. */
function granted(found: DeployedResource): Granted[] {
  const templates = templatesOf(found);
  const [role] = resolveReferences(found.properties.Role, found.stack, templates);
  if (!role) throw new Error(`${found.id} has no role`);
  const policies = Object.values(templates).flatMap(({ Resources = {} }) =>
    Object.values(Resources).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::IAM::Policy' &&
        resolveReferences(Properties?.Roles, role.stack, templates).some((one) => keyOf(one) === keyOf(role)),
    ),
  );
  return [role.resource, ...policies]
    .flatMap((resource) => statementsIn({ resource }))
    .filter(({ Action }) => !listed(Action).every((action) => action.startsWith('logs:')))
    .map((statement) => ({ ...statement, stack: role.stack }));
}

/** The files that a program is made of. */
function sourcesOf(file: string, known = new Set<string>()): Set<string> {
  if (known.has(file)) return known;
  known.add(file);
  const text = readFileSync(join(ROOT, file), 'utf8');
  const imported = /^(?:import|export) (?!type )[^;]*? from '(\.[^']+)';|\bimport\('(\.[^']+)'\)/gms;
  for (const [, first, second = ''] of text.matchAll(imported)) {
    const from = first ?? second;
    const path = relative(ROOT, join(ROOT, dirname(file), `${from}.ts`));
    if (existsSync(join(ROOT, path))) sourcesOf(path, known);
  }
  return known;
}

/** The prefix of actions, where it is not the name of the client's package. */
const PREFIXES: Readonly<Record<string, string>> = {
  'secrets-manager': 'secretsmanager',
  'auto-scaling': 'autoscaling',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
};
/** Actions that have another name than the call. */
const NAMES: Readonly<Record<string, string>> = {
  's3:HeadObject': 's3:GetObject',
  's3:ListObjectsV2': 's3:ListBucket',
  'lambda:Invoke': 'lambda:InvokeFunction',
};

/** The actions of IAM that a source calls. */
function callsIn(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/import (?!type )\{([^}]*)\} from '@aws-sdk\/client-([a-z0-9-]+)'/g)].flatMap(
    ([, names = '', client = '']) =>
      [...names.matchAll(/\b(?:paginate)?([A-Z]\w+?)(?:Command)?\b/g)].flatMap(([word, name = '']) => {
        if (!/Command$|^paginate/.test(word)) return [];
        const action = `${PREFIXES[client] ?? client}:${name}`;
        return [NAMES[action] ?? action];
      }),
  );
}

/** Rights that come with others. */
const ACCOMPANYING: Readonly<Record<string, RegExp>> = {
  // Without it S3 says 403 of an object that is not there.
  's3:ListBucket': /^s3:/,
  'acm:AddTagsToCertificate': /^acm:ImportCertificate$/,
  'redshift-serverless:GetCredentials': /^redshift-data:/,
};
/** Made by services of AWS with the role of the function. */
const byAws =
  /^kms:|^ec2:(Describe)?\w*(NetworkInterface|Subnet)s?$|^ec2:(Unassign|Assign)PrivateIpAddresses$|^sqs:(SendMessage|GetQueueUrl|ReceiveMessage|DeleteMessage|ChangeMessageVisibility|GetQueueAttributes)$/;

/** The CDK's own. */
const OTHER_PROGRAMS = /^Custom::\w+CustomResourceProvider\/Handler$|^AWS679f53fac002430cb0da5b7982bd2287$/;

test('every function of the infrastructure has a program here, and every program a function', () => {
  const found = functions();
  expect(new Set(found.map(({ program }) => program))).toEqual(new Set(Object.values(programs)));
  const known = new Set(found.map(({ resource }) => resource));
  const others = resources('AWS::Lambda::Function').filter(({ resource }) => !known.has(resource));
  expect([...new Set(others.map(pathOf))].filter((path) => !OTHER_PROGRAMS.test(path))).toEqual([]);
});

/** One that nobody calls for a phase, beside a box that is gone (decision 0122): it may do nothing. */
const isRetired = (found: DeployedResource) =>
  phaseNumbered(Number.parseInt(found.phase, 10))?.box === 'retired' && granted(found).length === 0;

/** Calls that a program makes in some phases alone. */
const NOT_ALWAYS = [
  ...[
    'guard.handler.ts lambda:InvokeFunction',
    'guard.handler.ts s3:GetObject',
    'guard.handler.ts s3:PutObject',
  ],
  'rollout.handler.ts autoscaling:CancelInstanceRefresh',
];

test('a function may make every call of its program', () => {
  const everHeld = new Set<string>();
  for (const found of functions()) {
    if (isRetired(found)) continue;
    const actions = new Set(granted(found).flatMap(({ Action }) => listed(Action)));
    // Modules of the shop know more than one program calls; those of the infrastructure are written for one.
    const own = [...sourcesOf(found.program)].filter((file) => file.startsWith('lib/')).flatMap(callsIn);
    const lacking = own.filter(
      (action) => !actions.has(action) && !NOT_ALWAYS.includes(`${basename(found.program)} ${action}`),
    );
    expect([found.phase, pathOf(found), lacking]).toEqual([found.phase, pathOf(found), []]);
    for (const action of actions) everHeld.add(`${basename(found.program)} ${action}`);
  }
  // In the last phase all of them.
  expect(NOT_ALWAYS.filter((each) => !everHeld.has(each))).toEqual([]);
});

test('a function may make no call that its program does not make', () => {
  for (const found of functions()) {
    const calls = [...sourcesOf(found.program)].flatMap(callsIn);
    const actions = granted(found).flatMap(({ Action }) => listed(Action));
    const beyond = actions.filter(
      (action) =>
        !byAws.test(action) &&
        !calls.includes(action) &&
        !calls.some((call) => ACCOMPANYING[action]?.test(call)),
    );
    expect([found.phase, pathOf(found), beyond]).toEqual([found.phase, pathOf(found), []]);
  }
});

/** Actions of IAM that have no resource, or one whose name is not known before. */
const WITHOUT_RESOURCE =
  /^(ec2|autoscaling|cloudwatch|elasticloadbalancing):Describe|^redshift-data:(DescribeStatement|GetStatementResult|ListStatements)$|^cloudwatch:PutMetricData$|^ec2:\w*NetworkInterface|^ec2:(Unassign|Assign)PrivateIpAddresses$/;

test('no role has a managed policy of AWS, which grows by itself, but those of a service that wants it', () => {
  const managed = resources('AWS::IAM::Role').flatMap(({ properties }) =>
    listed(properties.ManagedPolicyArns ?? []).map(
      (arn) => /[\w-]+\/\w+(?="[^/]*$)/.exec(JSON.stringify(arn))?.[0],
    ),
  );
  expect(new Set(managed)).toEqual(
    // The CDK's own functions, and Data Lifecycle Manager.
    new Set(['service-role/AWSLambdaBasicExecutionRole', 'service-role/AWSDataLifecycleManagerServiceRole']),
  );
});

test('no right of a role is one to everything, but to look at what has no name of its own', () => {
  const wide = givers().flatMap((found) =>
    statementsIn(found).flatMap(({ Action, Resource, Condition }) =>
      listed(Resource).includes('*')
        ? listed(Action)
            .filter((action) => !WITHOUT_RESOURCE.test(action) && !Condition)
            .map((action) => `${found.phase} ${pathOf(found)} ${action}`)
        : [],
    ),
  );
  expect(wide).toEqual([]);
});

test('a right to objects names their keys, and one to list a bucket the bucket', () => {
  for (const found of givers())
    for (const { Action, Resource } of statementsIn(found))
      for (const action of listed(Action).filter((each) => each.startsWith('s3:'))) {
        const named = listed(Resource).map((one) => {
          const text = JSON.stringify(one);
          return /"[^"]*\/[^"]+"\]\]\}$/.test(text) || /\/[^"]+"$/.test(text);
        });
        expect([found.phase, pathOf(found), action, ...named]).toEqual([
          ...[found.phase, pathOf(found), action],
          ...named.map(() => /Object$/.test(action)),
        ]);
      }
});

test('a function may use the tables, buckets, queues and secrets that it is told of, and no others', () => {
  for (const found of functions()) {
    const templates = templatesOf(found);
    const { Environment } = found.properties;
    const told = new Set(resolveReferences(Environment, found.stack, templates).map(keyOf));
    const strange = granted(found)
      .filter(({ Action }) =>
        listed(Action).some((action) => /^(s3|dynamodb|sqs|secretsmanager):/.test(action)),
      )
      .flatMap(({ Resource, stack }) => resolveReferences(Resource, stack, templates))
      .filter((one) => !told.has(keyOf(one)))
      .map(({ resource }) => constructPath(resource))
      .filter((path) => !ELSEWHERE.test(`${basename(found.program)} ${path}`));
    expect([found.phase, pathOf(found), strange]).toEqual([found.phase, pathOf(found), []]);
  }
});

/** Secrets Manager names the secret with each call, and Lambda gives out messages and takes back failed events. */
const ELSEWHERE =
  /^rotation\.handler\.ts .*(Account|Reader)$|^incidents\.handler\.ts .*\/Undelivered$|^(archive|load)\.handler\.ts .*\/Undelivered$/;

test('a right to all of a kind in the account is narrowed by a tag', () => {
  const ofAKind = givers().flatMap((found) =>
    statementsIn(found)
      .filter(({ Resource }) =>
        /:(certificate|instance|network-interface|volume)\/\*"/.test(JSON.stringify(Resource)),
      )
      .map(({ Condition }) => [found.phase, pathOf(found), JSON.stringify(Condition)]),
  );
  expect(ofAKind.length).toBeGreaterThan(0);
  for (const [phase, path, condition] of ofAKind)
    expect([phase, path, condition]).toEqual([
      ...[phase, path],
      expect.stringMatching(/"StringEquals":\{"aws:(Request|Resource)Tag\/shop:/),
    ]);
});

test('the box writes outcomes, and the state of a move, into the bucket of deployments: no order that it obeys', () => {
  const written = givers()
    .filter((found) => /^Box\/Role\b/.test(pathOf(found)))
    .flatMap((found) => statementsIn(found).filter(({ Action }) => listed(Action).includes('s3:PutObject')))
    .flatMap(({ Resource }) => listed(Resource).map((one) => JSON.stringify(one)))
    .filter((resource) => resource.includes('Deployments'));
  expect(written.length).toBeGreaterThan(0);
  const keys = written.map((resource) => /"\/([^"]+)"\]\]\}$/.exec(resource)?.[1] ?? resource);
  expect(new Set(keys)).toEqual(new Set(['outcomes/*.json', 'move/status.json', 'placement.json']));
});
