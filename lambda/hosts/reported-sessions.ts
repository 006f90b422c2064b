import type { Logger } from '../shared/runtime/log';
import { required, SETTING } from '../shared/runtime/settings';
import type { TouchSession } from '../users/sessions/session-touch';
import { sessionTouchClient } from '../users/sessions/session-touch-client';
import { authorityFrom } from './authority';

/** Reports the use of sessions to a process that may store it. */
export async function reportedSessions(env: NodeJS.ProcessEnv, log: Logger): Promise<TouchSession> {
  const authority = await authorityFrom(env[SETTING.writeAuthority]);
  return sessionTouchClient({ url: required(env, SETTING.writeUrl), authority, log });
}
