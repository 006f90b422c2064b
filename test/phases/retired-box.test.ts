import { constructPath, exportsOf, type Resource } from '../../review/cloudformation';
import { stepFindings } from '../../review/evolution';
import { synthesized } from './synthesized';

/** Decision 0122: the box goes in phase 4, and what stacks still name of each other stays for that one phase. */
const variants = [
  ['without a domain', synthesized(3), synthesized(4)],
  ['with everything', synthesized(3, 'everything'), synthesized(4, 'everything')],
] as const;
type Shop = (typeof variants)[number][1];

const named = ({ templates }: Shop, stack: string): Readonly<Record<string, Resource>> =>
  templates[stack]?.Resources ?? {};
const text = (value: unknown) => JSON.stringify(value);

/** Construct paths below a part of a stack, of everything that is not a role, a policy or a log. */
const below = (shop: Shop, stack: string, part: string) =>
  Object.values(named(shop, stack))
    .filter(({ Type }) => !/^AWS::(IAM|Logs)::/.test(Type))
    .map((resource) => constructPath(resource).replace(`${stack}/`, ''))
    .filter((path) => path === part || path.startsWith(`${part}/`))
    .sort();

describe.each(variants)('%s', (_, before, after) => {
  test('no instance of the box is left: its group may have none, and launches nothing of its own', () => {
    expect(below(after, 'Shop-Services', 'Box')).toEqual(['Box/Claim/Function', 'Box/Group']);
    const groups = Object.entries(named(after, 'Shop-Services')).filter(
      ([id, { Type }]) => Type === 'AWS::AutoScaling::AutoScalingGroup' && id.startsWith('Box'),
    );
    expect(groups).toMatchObject([
      [expect.anything(), { Properties: { MinSize: '0', DesiredCapacity: '0', MaxSize: '0' } }],
    ]);
    expect(text(groups)).toContain('TiersWebFleetTemplate');
  });

  test('its group and functions keep their logical ids, since alarms of the phase before import their names', () => {
    const ids = (shop: Shop) =>
      ['Shop-Services', 'Shop-Edge']
        .flatMap((stack) =>
          Object.keys(named(shop, stack)).filter((id) =>
            /^(BoxGroup|BoxClaimFunction[0-9A-F]{8}$|ExportedFunction[0-9A-F]{8}$)/.test(id),
          ),
        )
        .sort();
    expect(ids(after)).toEqual(ids(before));
    const exported = Object.values(after.templates).flatMap((template) => text([...exportsOf(template)]));
    for (const id of ids(after)) expect(text(exported)).toContain(`{\\"Ref\\":\\"${id}\\"}`);
  });

  test('what is left of its functions may only write its log', () => {
    const roles = ['Shop-Services', 'Shop-Edge'].flatMap((stack) =>
      Object.entries(named(after, stack)).filter(
        ([id, { Type }]) => Type === 'AWS::IAM::Policy' && /^(BoxClaim|Exported)/.test(id),
      ),
    );
    expect(roles.length).toBeGreaterThan(0);
    for (const [, { Properties }] of roles)
      expect(text(Properties?.PolicyDocument)).not.toMatch(/"(ec2|autoscaling|acm|s3):/);
  });

  test('no port leads to it or from it, and its security group stays while its instance is in it', () => {
    const network = named(after, 'Shop-Network');
    const [group = ''] = Object.keys(network).filter((id) => id.startsWith('Firewallbox'));
    expect(network[group]).toEqual(named(before, 'Shop-Network')[group]);
    const ports = Object.values(network).filter(({ Type }) => /SecurityGroup(In|E)gress$/.test(Type));
    expect(text(ports)).not.toContain(group);
    expect(text(ports)).not.toContain('"CidrIp":"0.0.0.0/0"');
  });

  test('the way in of the CDN and the endpoints stay: the gateway, the public subnets and the address', () => {
    const kept = (shop: Shop) =>
      Object.entries(named(shop, 'Shop-Network')).filter(([, { Type }]) =>
        /^AWS::EC2::(InternetGateway|VPCGatewayAttachment|Subnet|Route|RouteTable|EIP|VPCEndpoint|InstanceConnectEndpoint)$/.test(
          Type,
        ),
      );
    expect(kept(after)).toEqual(kept(before));
  });

  test('its volume gets a final snapshot when it goes, and nothing else of it changes', () => {
    const volume = (shop: Shop) => named(shop, 'Shop-Data').DataVolume;
    expect(volume(after)).toEqual({ ...volume(before), DeletionPolicy: 'Snapshot' });
  });

  test('no alarm is about the box, and none of the others is lost', () => {
    const alarms = (shop: Shop) =>
      Object.keys(named(shop, 'Shop-Operations')).map((id) => id.replace(/[0-9A-F]{8}$/, ''));
    const gone = alarms(before).filter((id) => !alarms(after).includes(id));
    const ofTheBox = /^(Box|ClaimFailed|StatusCheck|Cpu|Network|Memory|DataDisk|RootDisk|Disk|Certificate)/;
    // Each instance is watched by name instead, and the next phase has other signs.
    expect(gone.filter((id) => !ofTheBox.test(id))).toEqual([
      'StandbyMissing',
      'StandbyLag',
      'OutgrownWriter',
    ]);
    expect(text(named(after, 'Shop-Operations'))).not.toMatch(/BoxGroup|DataVolume|ExportedFunction/);
  });

  test('phase 5 can take away all that is left, in one step', () => {
    const without = (stack: string, part: RegExp) => {
      const { Outputs = {}, Resources = {}, ...rest } = after.templates[stack] ?? {};
      const left = Object.entries(Resources).filter(([, each]) => !part.test(constructPath(each)));
      const outputs = Object.entries(Outputs).filter(([, { Value }]) =>
        [...left.map(([id]) => id), ...Object.keys(Outputs)].some((id) => text(Value).includes(`"${id}"`)),
      );
      return { ...rest, Resources: Object.fromEntries(left), Outputs: Object.fromEntries(outputs) };
    };
    const templates = {
      ...after.templates,
      'Shop-Network': without('Shop-Network', /\/Firewall\/box\//),
      'Shop-Data': without('Shop-Data', /\/(DataVolume|BoxLog)/),
      'Shop-Services': without('Shop-Services', /^Shop-Services\/Box\//),
      ...(after.templates['Shop-Edge'] && { 'Shop-Edge': without('Shop-Edge', /\/Exported/) }),
    };
    expect(stepFindings(after, { ...after, templates })).toEqual([]);
  });
});

test('CDK-12: the step is taken when the way back is closed, by a guard whose permissions are those of before', () => {
  const guard = (shop: Shop) =>
    Object.values(named(shop, 'Shop-Network')).find(({ Type }) => Type === 'Custom::PhaseGuard')?.Properties;
  const rights = (shop: Shop) =>
    Object.entries(named(shop, 'Shop-Network')).filter(
      ([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('GuardFunction'),
    );
  for (const [, before, after] of variants) {
    // Deploying the phase before closed it, too: a rollback leaves it closed.
    expect(guard(before)).toMatchObject({ Phase: '3', MarkerIn: 'Shop-Data' });
    expect(guard(after)).toMatchObject({ Phase: '4', MarkerIn: 'Shop-Data' });
    expect(rights(after)).toEqual(rights(before));
  }
});

test('the address of the box is no origin that may upload', () => {
  const [, , after] = variants[0];
  expect(text(named(after, 'Shop-Data'))).not.toContain('ExportsOutputFnGetAttAddressPublicIp');
});
