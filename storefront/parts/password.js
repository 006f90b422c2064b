import { field } from './form.js';

/** The field for a password that is being chosen, with the shop's one rule. */
export const newPassword = ({ label, more = '' }) =>
  field({
    name: 'password',
    label,
    type: 'password',
    required: true,
    minlength: 10,
    maxlength: 200,
    autocomplete: 'new-password',
    hint: `At least 10 characters; a few words make a good one. ${more}`.trim(),
  });

export const guessable = ({ type }) =>
  type === 'guessable-password' ? { password: 'Take something that is not your e-mail or name.' } : undefined;
