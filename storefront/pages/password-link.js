import { send } from '../app/api.js';
import { fill, h } from '../app/dom.js';
import { when } from '../app/format.js';
import { newPasswordUrl, pageUrl } from '../app/links.js';
import { field, form } from '../parts/form.js';

/** For staff: makes the link with which somebody who forgot the password sets another one. */
export async function page() {
  const made = h('div', { role: 'status' });
  return {
    title: 'Password link',
    content: h(
      'div',
      { class: 'page' },
      h('nav', { class: 'crumbs', 'aria-label': 'Breadcrumb' }, h('a', { href: pageUrl('staff') }, 'Stock')),
      h(
        'div',
        { class: 'narrow' },
        h('h1', {}, 'Password link'),
        h(
          'p',
          {},
          'For a customer who forgot the password. Make sure that you speak with the owner of the account: the link opens it to anybody.',
        ),
        form({
          fields: [
            field({
              name: 'email',
              label: 'Email of the account',
              type: 'email',
              required: true,
              autocomplete: 'off',
              maxlength: 254,
            }),
          ],
          action: 'Make link',
          submit: async ({ email }) => {
            fill(made);
            const { data } = await send('POST', '/api/users/password-links', { body: { email } });
            fill(made, shown(data));
            made.querySelector('input').select();
          },
          explain: ({ type }) =>
            type === 'no-such-account' ? { email: 'No account has this email.' } : undefined,
        }),
        made,
      ),
    ),
  };
}

function shown({ token, name, expiresAt }) {
  const link = field({
    name: 'link',
    label: `Link for ${name}`,
    readonly: true,
    value: newPasswordUrl(token),
  });
  const words = `It works once, until ${when(expiresAt)}, and is shown here only now. Send it to ${name}.`;
  return h('div', { class: 'made-link' }, link, h('p', { class: 'fine' }, words));
}
