import { h } from '../app/dom.js';
import { loginUrl, nextPlace, pageUrl } from '../app/links.js';
import { go } from '../app/navigation.js';
import { logIn, user } from '../app/session.js';
import { field, form } from '../parts/form.js';

export async function page({ parameters }) {
  const next = nextPlace(parameters);
  if (user()) return { redirect: next };
  return {
    title: 'Log in',
    content: h(
      'div',
      { class: 'page' },
      h(
        'div',
        { class: 'narrow' },
        h('h1', {}, 'Log in'),
        form({
          fields: [
            field({
              name: 'email',
              label: 'Email',
              type: 'email',
              required: true,
              autocomplete: 'username',
              maxlength: 254,
            }),
            field({
              name: 'password',
              label: 'Password',
              type: 'password',
              required: true,
              autocomplete: 'current-password',
              maxlength: 200,
            }),
          ],
          action: 'Log in',
          submit: async ({ email, password }) => {
            await logIn(email, password);
            await go(next, { replace: true });
          },
          explain,
        }),
        h(
          'p',
          { class: 'aside' },
          'New here? ',
          h('a', { href: loginUrl(next, 'signup') }, 'Create account'),
        ),
        h('p', { class: 'aside' }, h('a', { href: pageUrl('new-password') }, 'Forgotten your password?')),
      ),
    ),
  };
}

function explain({ type, problem }) {
  if (type === 'wrong-credentials') return { '': 'Incorrect email or password.' };
  if (type !== 'too-many-attempts') return undefined;
  const wait = problem.retryAfter
    ? `Try again in ${Math.ceil(problem.retryAfter / 60)} min.`
    : 'Try again later.';
  return { '': `Too many attempts. ${wait}` };
}
