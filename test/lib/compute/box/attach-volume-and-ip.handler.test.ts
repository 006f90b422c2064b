import { handler } from '../../../../lib/compute/box/attach-volume-and-ip.handler';
import { AwsServer, type Call, contextWith, lambdaEnvironment, refused } from '../../aws';

/** A region with one data volume and one address; `holder` lets go of the volume after so many looks. */
interface World {
  holder?: { instance: string; looks: number };
  pendingLooks: number;
  /** Attachments that are refused because the volume, which looked free, is in use after all. */
  inUseAfterAll?: number;
  volumeOf?: string;
  addressOf?: string;
  refuseAddress?: string;
}

let world: World;
let aws: AwsServer;
/** The error of the last launch. Lambda counts a launch that throws as failed. */
let failure: Error | undefined;

beforeAll(async () => {
  aws = await AwsServer.start(answer);
  lambdaEnvironment({
    AWS_ENDPOINT_URL_EC2: aws.url,
    AWS_ENDPOINT_URL_AUTO_SCALING: aws.url,
    VOLUME_ID: 'vol-1',
    ALLOCATION_ID: 'eipalloc-1',
  });
});
beforeEach(() => {
  world = { pendingLooks: 0 };
  aws.calls.splice(0);
  jest.spyOn(console, 'log').mockImplementation();
});

function answer({ action, values }: Call) {
  switch (action) {
    case 'DescribeVolumes':
      return { body: volume() };
    case 'AttachVolume':
      if (world.pendingLooks-- > 0) return refused('IncorrectState');
      if (world.inUseAfterAll && world.inUseAfterAll-- > 0) return refused('VolumeInUse');
      world.volumeOf = values.InstanceId;
      return { body: '<AttachVolumeResponse><status>attaching</status></AttachVolumeResponse>' };
    case 'AssociateAddress':
      if (world.refuseAddress) return refused(world.refuseAddress);
      // As EC2 does for an address that another instance has.
      if (world.addressOf && world.addressOf !== values.InstanceId && values.AllowReassociation !== 'true')
        return refused('Resource.AlreadyAssociated');
      world.addressOf = values.InstanceId;
      return {
        body: '<AssociateAddressResponse><associationId>eipassoc-1</associationId></AssociateAddressResponse>',
      };
    default:
      return { body: `<${action}Response><${action}Result/></${action}Response>` };
  }
}

function volume(): string {
  if (world.holder && world.holder.looks-- <= 0) world.holder = undefined;
  const instance = world.holder?.instance ?? world.volumeOf;
  const attachment = instance
    ? `<item><volumeId>vol-1</volumeId><instanceId>${instance}</instanceId><status>attached</status></item>`
    : '';
  return `<DescribeVolumesResponse><volumeSet><item><volumeId>vol-1</volumeId><attachmentSet>${attachment}</attachmentSet></item></volumeSet></DescribeVolumesResponse>`;
}

async function launch(milliseconds = 60_000) {
  const detail = {
    EC2InstanceId: 'i-new',
    LifecycleActionToken: 'token',
    LifecycleHookName: 'Shop-Services-claim',
    AutoScalingGroupName: 'Shop-Services-Group',
  };
  failure = undefined;
  await handler({ detail }, contextWith(milliseconds), 5).catch((error: Error) => {
    failure = error;
  });
  return aws.calls.filter(({ action }) => action === 'CompleteLifecycleAction').map(({ values }) => values);
}

test('gives a new box the volume and the address, and lets it into service', async () => {
  expect(await launch()).toEqual([
    expect.objectContaining({
      LifecycleActionResult: 'CONTINUE',
      LifecycleActionToken: 'token',
      LifecycleHookName: 'Shop-Services-claim',
      AutoScalingGroupName: 'Shop-Services-Group',
    }),
  ]);
  expect(world).toMatchObject({ volumeOf: 'i-new', addressOf: 'i-new' });
  expect(failure).toBeUndefined();
});

test('waits for the old box to let go of the volume, and leaves it its address until then', async () => {
  world.holder = { instance: 'i-old', looks: 3 };
  world.addressOf = 'i-old';
  expect(await launch()).toMatchObject([{ LifecycleActionResult: 'CONTINUE' }]);
  const actions = aws.calls.map(({ action }) => action);
  expect(actions.filter((action) => action === 'DescribeVolumes').length).toBeGreaterThan(3);
  expect(actions.indexOf('AssociateAddress')).toBeGreaterThan(actions.lastIndexOf('DescribeVolumes'));
  expect(actions).not.toContain('DetachVolume');
  expect(world.addressOf).toBe('i-new');
});

test('waits for a volume that looked free and was not', async () => {
  world.inUseAfterAll = 2;
  expect(await launch()).toMatchObject([{ LifecycleActionResult: 'CONTINUE' }]);
  expect(world).toMatchObject({ volumeOf: 'i-new', addressOf: 'i-new' });
});

test('waits for an instance that is still pending', async () => {
  world.pendingLooks = 2;
  expect(await launch()).toMatchObject([{ LifecycleActionResult: 'CONTINUE' }]);
});

test('is idempotent: claimed resources are not claimed again', async () => {
  await launch();
  aws.calls.splice(0);
  expect(await launch()).toMatchObject([{ LifecycleActionResult: 'CONTINUE' }]);
  expect(aws.calls.map(({ action }) => action)).not.toContain('AttachVolume');
});

test('gives up aloud before its time is over when the volume is never free', async () => {
  world.holder = { instance: 'i-old', looks: Number.POSITIVE_INFINITY };
  expect(await launch(10_100)).toMatchObject([{ LifecycleActionResult: 'ABANDON' }]);
  expect(aws.calls.map(({ action }) => action)).not.toContain('AssociateAddress');
  expect(failure?.message).toBe('vol-1 is attached to i-old');
});

test('gives up at once when EC2 refuses for good', async () => {
  world.refuseAddress = 'InvalidAllocationID.NotFound';
  expect(await launch()).toMatchObject([{ LifecycleActionResult: 'ABANDON' }]);
  expect(aws.calls.filter(({ action }) => action === 'AssociateAddress')).toHaveLength(1);
  expect(failure?.name).toBe('InvalidAllocationID.NotFound');
});

test('CDK-15: waits while its permissions are on their way, service by service', async () => {
  for (const action of ['DescribeVolumes', 'AttachVolume', 'AssociateAddress'])
    aws.denials.set(action, ['UnauthorizedOperation']);
  aws.denials.set('CompleteLifecycleAction', ['AccessDenied']);
  expect((await launch()).at(-1)).toMatchObject({ LifecycleActionResult: 'CONTINUE' });
  expect([...aws.denials.values()].flat()).toEqual([]);
  expect(world).toMatchObject({ volumeOf: 'i-new', addressOf: 'i-new' });
});
