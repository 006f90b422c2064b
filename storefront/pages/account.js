import { get, send } from '../app/api.js';
import { h } from '../app/dom.js';
import { device, when } from '../app/format.js';
import { go } from '../app/navigation.js';
import { logOut, setUser } from '../app/session.js';
import { actionButton, field, form } from '../parts/form.js';
import { guessable, newPassword } from '../parts/password.js';
import { toast } from '../parts/toast.js';

/** `name` is that of the form's password field. */
const wrongPassword =
  (name) =>
  ({ type }) =>
    type === 'wrong-password' ? { [name]: 'Incorrect password.' } : undefined;
const confirming = (name, label = 'Password') =>
  field({ name, label, type: 'password', required: true, autocomplete: 'current-password', maxlength: 200 });

/** For password managers, which need the account of a password. */
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
    'Name',
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
      action: 'Save name',
      kind: '',
      submit: async ({ name }) => {
        setUser((await send('PATCH', '/api/users/me', { body: { name } })).data);
        await refresh();
        toast('Name saved.');
      },
    }),
  );
}

function email(me) {
  return panel(
    'Email',
    form({
      fields: [
        field({
          name: 'email',
          label: 'Email',
          type: 'email',
          value: me.email,
          required: true,
          maxlength: 254,
          autocomplete: 'email',
        }),
        confirming('password'),
      ],
      action: 'Save email',
      kind: '',
      submit: async (body) => {
        await send('PUT', '/api/users/me/email', { body });
        await refresh();
        toast('Email saved.');
      },
      explain: (error) =>
        error.type === 'email-taken'
          ? { email: 'An account with this email already exists.' }
          : wrongPassword('password')(error),
    }),
  );
}

function password(me) {
  return panel(
    'Password',
    form({
      fields: [
        whose(me),
        confirming('current', 'Current password'),
        newPassword({ label: 'New password', more: 'All other devices will be logged out.' }),
      ],
      action: 'Change password',
      kind: '',
      submit: async (body) => {
        await send('PUT', '/api/users/me/password', { body });
        await refresh();
        toast('Password changed.');
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
        h('span', { class: 'fine' }, current ? 'This device' : `Last seen ${when(lastSeenAt)}`),
      ),
      !current &&
        actionButton({
          label: 'End session',
          run: async () => {
            await send('DELETE', `/api/sessions/${encodeURIComponent(id)}`);
            await refresh();
            toast('Session ended.');
          },
        }),
    );
  return panel('Active sessions', h('ul', { class: 'rows' }, sessions.map(row)));
}

function deletion(me) {
  return panel(
    'Delete account',
    h('p', {}, 'Your account and your personal data are deleted immediately. This cannot be undone.'),
    h(
      'details',
      {},
      h('summary', {}, 'Continue with deletion'),
      form({
        fields: [whose(me), confirming('password')],
        action: 'Delete account',
        kind: 'danger',
        submit: async (body) => {
          await send('DELETE', '/api/users/me', { body });
          setUser(undefined);
          toast('Account deleted.');
          await go('/');
        },
        explain: wrongPassword('password'),
      }),
    ),
  );
}

const refresh = () => go(location.pathname + location.search, { replace: true });
