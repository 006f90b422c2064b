import type { CfnUpdatePolicy } from 'aws-cdk-lib';
import { type GroupSize, mostInstances } from '../../phases';
import { suspendedMeanwhile } from '../host-template';
import { usualPace } from './host-health-decision';

/** More than the roll-out function's maximum for one host. */
export const signalTime = 'PT15M';

/** A new host is there before an old one goes: in a roll-out, and when a host fails. */
export const maintenance = { minHealthyPercentage: 100, maxHealthyPercentage: 134 };

/** The largest number of hosts of a group while a release rolls. */
export const mostInRollout = (size: GroupSize): number =>
  size.scaling === 'fixed'
    ? size.instances + 1
    : Math.ceil((mostInstances(size) * maintenance.maxHealthyPercentage) / 100);

/** The way to replace the hosts of a group when their launch template changes. */
export function replacement({ instances, scaling }: GroupSize): CfnUpdatePolicy {
  return scaling === 'fixed' ? oneByOne(instances) : { ...refresh, ...sizesStay };
}

/** A group that scales must not take this way: its scaling would stand still until the last host is replaced. */
function oneByOne(instances: number): CfnUpdatePolicy {
  return {
    autoScalingRollingUpdate: {
      minInstancesInService: instances,
      maxBatchSize: 1,
      waitOnResourceSignals: true,
      pauseTime: signalTime,
      suspendProcesses: suspendedMeanwhile,
    },
  };
}

/**
 * A third of the group at a time, while it goes on scaling (decision 0131). It awaits no signal: the roll-out function
 * cancels it. Without alarms of its own, since a refresh whose alarm is on does not start, not even one that mends it.
 */
const refresh: CfnUpdatePolicy = {
  autoScalingInstanceRefresh: {
    strategy: 'Rolling',
    preferences: {
      ...maintenance,
      // Longer than the patience with a host that never gets healthy: it is refused before others go for it.
      instanceWarmup: usualPace.patience / 1000 + 60,
      // For the last hosts; the alarm of the group still ends the roll-out then.
      bakeTime: 300,
      skipMatching: true,
    },
  },
};

/** A deploy must not undo the minimum that the schedule has set. */
const sizesStay: CfnUpdatePolicy = {
  autoScalingScheduledAction: { ignoreUnmodifiedGroupSizeProperties: true },
};
