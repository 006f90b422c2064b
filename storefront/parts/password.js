import { field } from './form.js';

/** The field for a new password, with the shop's rule as its hint. */
export const newPassword = ({ label, more = '' }) =>
  field({
    name: 'password',
    label,
    type: 'password',
    required: true,
    minlength: 10,
    maxlength: 200,
    autocomplete: 'new-password',
    hint: `At least 10 characters. A few words make a good password. ${more}`.trim(),
  });

export const guessable = ({ type }) =>
  type === 'guessable-password'
    ? { password: 'Choose a password other than your email or name.' }
    : undefined;
