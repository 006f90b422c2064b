import { send } from './api.js';
import { onOtherTab, recall, remember } from './memory.js';

/**
 * Who is logged in. The session itself is a cookie that scripts cannot read; what is remembered here is only the name
 * to show and whether it is worth asking, so that a visitor without an account costs no request.
 */
export const session = new EventTarget();

export const user = () => recall('user');

export async function logIn(email, password) {
  const { data } = await send('POST', '/api/sessions', { body: { email, password } });
  setUser(data.user);
}

export async function logOut() {
  await send('DELETE', '/api/sessions/current').catch((error) => {
    if (error.status !== 401) throw error;
  });
  setUser(undefined);
}

/** Asks the shop whether the session still holds, when there is one. */
export async function refreshUser(signal) {
  if (!user()) return;
  try {
    setUser((await send('GET', '/api/users/me', { signal })).data);
  } catch (error) {
    if (error.status === 401) setUser(undefined);
  }
}

/** Also called when an answer says that the session ended. */
export function setUser(value) {
  remember('user', value && { id: value.id, name: value.name, email: value.email, role: value.role });
  session.dispatchEvent(new Event('change'));
}

onOtherTab('user', () => session.dispatchEvent(new Event('change')));
