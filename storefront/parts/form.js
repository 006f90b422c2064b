import { fill, freshId, h, icon } from '../app/dom.js';
import { logInAgain } from '../app/navigation.js';

/**
 * A labelled input. Its error appears below it and is read out with it; `hint` is always shown. `check(text)` returns
 * a message when the text is wrong.
 */
export function field({ name, label, hint, check, kind = 'input', ...attributes }) {
  const id = freshId(name);
  const control = h(kind, { id, name, 'aria-describedby': `${id}-hint ${id}-error`, ...attributes });
  control.check = check;
  if (kind === 'textarea') control.value = attributes.value ?? '';
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    control,
    h('p', { class: 'hint', id: `${id}-hint` }, hint),
    h('p', { class: 'error', id: `${id}-error` }),
  );
}

/**
 * A form that validates its fields, submits once at a time and shows errors at the fields that they concern.
 * `submit` receives the values by name. `explain(error)` may map an error that it throws to messages by field name,
 * '' for the whole form; by default the shop's own message is shown.
 */
export function form({ fields, action, submit, explain = () => undefined, kind = 'main' }) {
  const notice = h('p', { class: 'notice', role: 'alert' });
  const button = h('button', { class: `button ${kind}`, type: 'submit' }, action);
  const element = h('form', { class: 'form', novalidate: true, method: 'post' }, notice, fields, button);

  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') return;
    const messages = {};
    for (const control of controls(element)) {
      const message = messageFor(control);
      if (message) messages[control.name] = message;
    }
    if (show(element, notice, messages)) return;
    busy(button, true);
    try {
      await submit(Object.fromEntries(new FormData(element)), element);
    } catch (error) {
      if (error.type === 'not-logged-in') return logInAgain();
      show(element, notice, explain(error) ?? fromProblem(error));
    } finally {
      busy(button, false);
    }
  });
  return element;
}

/** A button for a request to the shop: one at a time, with an error shown beside it. */
export function actionButton({ label, kind = '', run }) {
  const notice = h('p', { class: 'notice', role: 'alert' });
  const button = h('button', { type: 'button', class: `button ${kind}` }, ...[label].flat());
  button.addEventListener('click', async () => {
    if (button.getAttribute('aria-disabled') === 'true') return;
    fill(notice);
    busy(button, true);
    try {
      await run();
    } catch (error) {
      if (error.type === 'not-logged-in') return logInAgain();
      fill(notice, icon('alert'), h('span', {}, error.message));
    } finally {
      busy(button, false);
    }
  });
  return h('div', { class: 'action' }, button, notice);
}

/** In our words, since those of browsers differ, and are in the language of the browser. */
function messageFor(control) {
  const { validity, min, max, minLength, type } = control;
  if (validity.valid) return control.value !== '' && control.check?.(control.value);
  if (validity.valueMissing) return 'Fill in this field';
  if (validity.typeMismatch && type === 'email') return 'Write an e-mail address such as ada@example.com';
  if (validity.tooShort) return `Use at least ${minLength} characters`;
  if (validity.rangeUnderflow) return `Write a number from ${min} on`;
  if (validity.rangeOverflow) return `Write a number up to ${max}`;
  return type === 'number' ? 'Write a whole number' : control.validationMessage;
}

const controls = (element) => [...element.elements].filter(({ name }) => name);

/** The button stays focusable while it works, so that the keyboard focus is not lost. */
function busy(button, working) {
  button.setAttribute('aria-disabled', String(working));
  button.classList.toggle('working', working);
}

/** Shows the messages and focuses the first invalid field. Returns false when there were none. */
function show(element, notice, messages) {
  const fields = controls(element);
  for (const control of fields) {
    const message = messages[control.name];
    control.setAttribute('aria-invalid', String(Boolean(message)));
    document.getElementById(`${control.id}-error`).textContent = message ?? '';
  }
  // Messages about other fields go to the notice of the form.
  const general = Object.entries(messages).find(
    ([name]) => !fields.some((control) => control.name === name),
  )?.[1];
  fill(notice, general && icon('alert'), general && h('span', {}, general));
  element.querySelector('[aria-invalid=true]')?.focus();
  return Object.keys(messages).length > 0;
}

/** The API names places like `json.price.amount`: the second part is the field. */
function fromProblem(error) {
  const entries = (error.problem?.errors ?? []).map(({ at, message }) => [at.split('.')[1], message]);
  return entries.length > 0 ? Object.fromEntries(entries) : { '': error.message };
}
