import { decideHostHealth, type Look, type Pace } from '../../../../lib/compute/fleet/host-health-decision';

const pace: Pace = { patience: 540_000, watch: 180_000, pause: 10_000 };
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const launch = { launched: at(60), began: at(0), rollingBack: false };

/** Looks at `[seconds, state, alarm on since]`. */
const looks = (...seen: readonly (readonly [number, string, number?])[]): Look[] =>
  seen.map(([seconds, state, since]) => ({
    at: at(seconds),
    target: { state, reason: `Target.${state}` },
    alarmSince: since === undefined ? undefined : at(since),
  }));

test('a host that is still booting is looked at again, until patience ends', () => {
  expect(decideHostHealth([], launch, pace)).toBeUndefined();
  expect(decideHostHealth(looks([599, 'initial']), launch, pace)).toBeUndefined();
  expect(decideHostHealth(looks([599, 'initial'], [600, 'unhealthy']), launch, pace)).toEqual({
    stays: false,
    reason: 'it is unhealthy (Target.unhealthy) 540 seconds after its launch',
  });
});

test('a host that is healthy stays after it was watched for long enough, counted from when it was healthy', () => {
  expect(
    decideHostHealth(looks([200, 'initial'], [300, 'healthy'], [479, 'healthy']), launch, pace),
  ).toBeUndefined();
  expect(decideHostHealth(looks([200, 'initial'], [300, 'healthy'], [480, 'healthy']), launch, pace)).toEqual(
    {
      stays: true,
    },
  );
});

test('a host that was healthy and is not any more goes at once', () => {
  expect(decideHostHealth(looks([300, 'healthy'], [310, 'draining']), launch, pace)).toEqual({
    stays: false,
    reason: 'it was healthy and is draining (Target.draining)',
  });
});

test('an alarm that went on since the deploy began ends it, whichever of the new hosts set it off', () => {
  const beforeThisHost = looks([300, 'healthy', 30]);
  const afterIt = looks([300, 'healthy'], [400, 'healthy', 390]);
  for (const seen of [beforeThisHost, afterIt])
    expect(decideHostHealth(seen, launch, pace)).toMatchObject({
      stays: false,
      reason: expect.stringContaining('alarm'),
    });
});

test('an alarm that was on before the deploy does not stand in the way of what mends it', () => {
  expect(decideHostHealth(looks([300, 'healthy', -60], [480, 'healthy', -60]), launch, pace)).toEqual({
    stays: true,
  });
});

test('on the way back a host that is healthy is enough, since the release that goes may have set the alarm off', () => {
  const back = { ...launch, rollingBack: true };
  expect(decideHostHealth(looks([300, 'healthy', 200]), back, pace)).toEqual({ stays: true });
  expect(decideHostHealth(looks([600, 'unhealthy']), back, pace)).toMatchObject({ stays: false });
});
