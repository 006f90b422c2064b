import { send } from './api.js';
import { onOtherTab, recall, remember } from './storage.js';

/**
 * The logged-in user. The session itself is an HttpOnly cookie; only the profile is stored here, so that visitors
 * without an account cause no request.
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

/** Checks with the shop that the session, if there is one, is still valid. */
export async function refreshUser(signal) {
  if (!user()) return;
  try {
    setUser((await send('GET', '/api/users/me', { signal })).data);
  } catch (error) {
    if (error.status === 401) setUser(undefined);
  }
}

/** Also called with undefined when a response shows that the session ended. */
export function setUser(value) {
  remember('user', value && { id: value.id, name: value.name, email: value.email, role: value.role });
  session.dispatchEvent(new Event('change'));
}

onOtherTab('user', () => session.dispatchEvent(new Event('change')));
