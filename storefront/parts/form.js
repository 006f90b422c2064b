import { fill, freshId, h, icon } from '../app/dom.js';
import { logInAgain } from '../app/router.js';

/** A labelled input; its message appears below it and is read out with it. `hint` stays. */
export function field({ name, label, hint, kind = 'input', ...attributes }) {
  const id = freshId(name);
  const control = h(kind, { id, name, 'aria-describedby': `${id}-hint ${id}-error`, ...attributes });
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
 * A form that checks its fields, sends once at a time and shows what went wrong where it went wrong.
 * `submit` gets the values by name; the problems that it throws are shown, by `explain(error)` (field name to message,
 * '' for the whole form) where it knows better than the shop's own words.
 */
export function form({ fields, action, submit, explain = () => undefined, kind = 'main' }) {
  const notice = h('p', { class: 'notice', role: 'alert' });
  const button = h('button', { class: `button ${kind}`, type: 'submit' }, action);
  const element = h('form', { class: 'form', novalidate: true, method: 'post' }, notice, fields, button);

  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') return;
    const messages = {};
    for (const control of controls(element))
      if (!control.checkValidity()) messages[control.name] = control.validationMessage;
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

/** A button that does something on the shop's side: once at a time, with its failure shown beside it. */
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

const controls = (element) => [...element.elements].filter(({ name }) => name);

/** Stays focusable while it works, so that the keyboard is not thrown out. */
function busy(button, working) {
  button.setAttribute('aria-disabled', String(working));
  button.classList.toggle('working', working);
}

/** Returns whether there was anything to say; the first field it concerns gets the focus. */
function show(element, notice, messages) {
  const fields = controls(element);
  for (const control of fields) {
    const message = messages[control.name];
    control.setAttribute('aria-invalid', String(Boolean(message)));
    document.getElementById(`${control.id}-error`).textContent = message ?? '';
  }
  // What concerns no field of this form still has to be said.
  const general = Object.entries(messages).find(
    ([name]) => !fields.some((control) => control.name === name),
  )?.[1];
  fill(notice, general && icon('alert'), general && h('span', {}, general));
  element.querySelector('[aria-invalid=true]')?.focus();
  return Object.keys(messages).length > 0;
}

/** The API names places like `json.price.amount`: what comes second is the field. */
function fromProblem(error) {
  const entries = (error.problem?.errors ?? []).map(({ at, message }) => [at.split('.')[1], message]);
  return entries.length > 0 ? Object.fromEntries(entries) : { '': error.message };
}
