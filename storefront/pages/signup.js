import { send } from '../app/api.js';
import { h } from '../app/dom.js';
import { loginUrl, nextPlace } from '../app/links.js';
import { go } from '../app/navigation.js';
import { logIn, user } from '../app/session.js';
import { field, form } from '../parts/form.js';
import { guessable, newPassword } from '../parts/password.js';
import { toast } from '../parts/toast.js';

export async function page({ parameters }) {
  const next = nextPlace(parameters);
  if (user()) return { redirect: next };
  return {
    title: 'Create account',
    content: h(
      'div',
      { class: 'page' },
      h(
        'div',
        { class: 'narrow' },
        h('h1', {}, 'Create account'),
        form({
          fields: [
            field({ name: 'name', label: 'Name', required: true, autocomplete: 'name', maxlength: 100 }),
            field({
              name: 'email',
              label: 'Email',
              type: 'email',
              required: true,
              autocomplete: 'username',
              maxlength: 254,
            }),
            newPassword({ label: 'Password' }),
          ],
          action: 'Create account',
          submit: async ({ name, email, password }) => {
            await send('POST', '/api/users', { body: { name, email, password } });
            await logIn(email, password);
            toast(`Welcome, ${name}.`);
            await go(next, { replace: true });
          },
          explain: (error) =>
            error.type === 'email-taken'
              ? { email: 'An account with this email already exists.' }
              : guessable(error),
        }),
        h('p', { class: 'aside' }, 'Already have an account? ', h('a', { href: loginUrl(next) }, 'Log in')),
      ),
    ),
  };
}
