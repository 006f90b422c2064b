import { get, send } from '../app/api.js';
import { h } from '../app/dom.js';
import { device, when } from '../app/format.js';
import { go } from '../app/router.js';
import { logOut, setUser } from '../app/session.js';
import { actionButton, field, form } from '../parts/form.js';
import { guessable, newPassword } from '../parts/password.js';
import { toast } from '../parts/toast.js';

/** For the form whose password field has this name. */
const wrongPassword =
  (name) =>
  ({ type }) =>
    type === 'wrong-password' ? { [name]: 'That is not your password.' } : undefined;
const confirming = (name, label = 'Your password') =>
  field({ name, label, type: 'password', required: true, autocomplete: 'current-password', maxlength: 200 });

/** Tells password managers whose password it is. */
const whose = ({ email: value }) =>
  h('input', { type: 'text', autocomplete: 'username', value, readonly: true, hidden: true });

export async function page({ signal }) {
  const [me, sessions] = await Promise.all([get('/api/users/me', signal), get('/api/sessions', signal)]);
  const leave = actionButton({
    label: 'Log out',
    run: async () => {
      await logOut();
      await go('/');
    },
  });
  return {
    title: 'Account',
    content: h(
      'div',
      { class: 'page' },
      h(
        'div',
        { class: 'heading' },
        h('h1', {}, me.name),
        h('p', {}, `${me.email}, ${me.role} since ${when(me.createdAt)}`),
        leave,
      ),
      h(
        'div',
        { class: 'panels' },
        profile(me),
        email(me),
        password(me),
        devices(sessions.items),
        deletion(me),
      ),
    ),
  };
}

const panel = (title, ...children) => h('section', { class: 'panel' }, h('h2', {}, title), ...children);

function profile(me) {
  return panel(
    'Your name',
    form({
      fields: [
        field({
          name: 'name',
          label: 'Name',
          value: me.name,
          required: true,
          maxlength: 100,
          autocomplete: 'name',
        }),
      ],
      action: 'Save the name',
      kind: '',
      submit: async ({ name }) => {
        setUser((await send('PATCH', '/api/users/me', { body: { name } })).data);
        await refresh();
        toast('Your name is changed.');
      },
    }),
  );
}

function email(me) {
  return panel(
    'Your e-mail',
    form({
      fields: [
        field({
          name: 'email',
          label: 'E-mail',
          type: 'email',
          value: me.email,
          required: true,
          maxlength: 254,
          autocomplete: 'email',
        }),
        confirming('password'),
      ],
      action: 'Save the e-mail',
      kind: '',
      submit: async (body) => {
        await send('PUT', '/api/users/me/email', { body });
        await refresh();
        toast('Your e-mail is changed.');
      },
      explain: (error) =>
        error.type === 'email-taken'
          ? { email: 'There is an account with this e-mail already.' }
          : wrongPassword('password')(error),
    }),
  );
}

function password(me) {
  return panel(
    'Your password',
    form({
      fields: [
        whose(me),
        confirming('current', 'The password you have'),
        newPassword({ label: 'The new one', more: 'Everywhere else you will be logged out.' }),
      ],
      action: 'Change the password',
      kind: '',
      submit: async (body) => {
        await send('PUT', '/api/users/me/password', { body });
        await refresh();
        toast('Your password is changed.');
      },
      explain: (error) => guessable(error) ?? wrongPassword('current')(error),
    }),
  );
}

function devices(sessions) {
  const row = ({ id, userAgent, lastSeenAt, current }) =>
    h(
      'li',
      {},
      h(
        'div',
        {},
        h('b', {}, device(userAgent)),
        h('span', { class: 'fine' }, current ? 'This one, now' : `Last seen ${when(lastSeenAt)}`),
      ),
      !current &&
        actionButton({
          label: 'Log out there',
          run: async () => {
            await send('DELETE', `/api/sessions/${encodeURIComponent(id)}`);
            await refresh();
            toast('Logged out there.');
          },
        }),
    );
  return panel('Where you are logged in', h('ul', { class: 'rows' }, sessions.map(row)));
}

function deletion(me) {
  return panel(
    'Leave for good',
    h('p', {}, 'Your account and what we know about you are deleted at once. There is no way back.'),
    h(
      'details',
      {},
      h('summary', {}, 'Delete the account'),
      form({
        fields: [whose(me), confirming('password')],
        action: 'Delete it for good',
        kind: 'danger',
        submit: async (body) => {
          await send('DELETE', '/api/users/me', { body });
          setUser(undefined);
          toast('Your account is deleted.');
          await go('/');
        },
        explain: wrongPassword('password'),
      }),
    ),
  );
}

const refresh = () => go(location.pathname + location.search, { replace: true });
