import { reportHostMetrics } from '../shared/host-metrics';
import { run } from '../shared/run';
import { SETTING } from '../shared/settings';
import { openInRole } from './roles';

/** The whole shop as one process: what the box runs, and, in a role, the hosts behind the app balancer. */
run('shop', async (env, log) => {
  const hosted = await openInRole(env, log);
  const hostRole = env[SETTING.hostRole];
  if (hostRole) reportHostMetrics(hostRole, env[SETTING.dataFolder]);
  return hosted;
});
