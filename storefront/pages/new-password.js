import { send } from '../app/api.js';
import { h } from '../app/dom.js';
import { loginUrl } from '../app/links.js';
import { go } from '../app/navigation.js';
import { setUser } from '../app/session.js';
import { form } from '../parts/form.js';
import { guessable, newPassword } from '../parts/password.js';
import { state } from '../parts/placeholders.js';
import { toast } from '../parts/toast.js';

/** Sets a new password with the link that staff made. Its token is behind the #, which browsers send to nobody. */
export async function page() {
  const token = location.hash.slice(1);
  if (!token) return { title: 'New password', content: h('div', { class: 'page' }, howToGetOne()) };
  return {
    title: 'New password',
    content: h(
      'div',
      { class: 'page' },
      h(
        'div',
        { class: 'narrow' },
        h('h1', {}, 'New password'),
        form({
          fields: [newPassword({ label: 'New password', more: 'You will be logged out on every device.' })],
          action: 'Set password',
          submit: async ({ password }) => {
            await send('PUT', '/api/users/password', { body: { token, password } });
            setUser(undefined);
            await go(loginUrl('/'), { replace: true });
            toast('Your new password is set. Log in with it.');
          },
          explain: (error) => {
            const isVoid = error.type === 'link-void' || error.problem?.errors?.[0]?.at === 'json.token';
            return isVoid
              ? { '': 'This link does not work any more. Ask the shop for another one.' }
              : guessable(error);
          },
        }),
      ),
    ),
  };
}

const howToGetOne = () =>
  state({
    image: 'person',
    level: 'h1',
    heading: 'Forgotten your password?',
    text: 'Ask the shop: its staff can send you a link that sets a new password. It works once, for 30 minutes.',
    actions: [h('a', { class: 'button', href: loginUrl('/') }, 'Back to log in')],
  });
