import { createAdmission } from '../shared/http/admission/admission';
import { createRequestLog } from '../shared/http/request-log';
import { percentFrom, positiveFrom, SETTING } from '../shared/runtime/settings';
import { reportHostMetrics } from './host-metrics';
import type { Services } from './open-service';
import { processLoadSince } from './process-load';
import { requestClassOf } from './request-classes';
import { named, openInRole } from './roles';
import { run } from './run';
import { urgentWhenCritical } from './urgent-requests';

/**
 * The process on every host: the whole shop or one of its services (SHOP_SERVICES), in a role (SHOP_ROLE). The release of a
 * service has its own code alone, so that it changes with no other.
 */
export const runServer = (services: Services) =>
  run('shop', async (env, log) => {
    const open = named(services, SETTING.shopServices, env);
    const { fetch, fastPath, ready, background, close } = await openInRole(env, log, open);
    const stopBackground = background();
    const admission = createAdmission({ classify: requestClassOf, log });
    const requestLog = createRequestLog({ log, percent: percentFrom(env, SETTING.loggedReadsPercent) });
    const role = env[SETTING.hostRole];
    if (role) {
      reportHostMetrics(log, {
        role,
        dataFolder: env[SETTING.dataFolder],
        namespace: env[SETTING.metricsNamespace],
        intervalSeconds: positiveFrom(env, SETTING.metricsInterval),
        load: processLoadSince(admission.counters),
        milliseconds: requestLog.takeMilliseconds,
      });
    }
    return {
      ...{ ready, admission, requestLog, fastPath, fetch: urgentWhenCritical(fetch) },
      close: async () => {
        await stopBackground();
        await close();
      },
    };
  });
