/** In this order: what is quoted first, since it may hold anything. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/"[^"]*"|`[^`]*`|(?<!\w)'[^']*'(?!\w)/g, "'…'"],
  [/[^\s@<>(),;]+@[^\s@<>(),;]+/g, '[e-mail]'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '[id]'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '[address]'],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi, '[address]'],
  // Tokens and hashes, but no long names.
  [/\b(?=[\w-]*\d)[\w-]{20,}/g, '[token]'],
];

/** A message without values that may belong to a person: quoted input, e-mails, ids, addresses and tokens. */
export const withoutPersonalData = (text: string): string =>
  PATTERNS.reduce((rest, [pattern, instead]) => rest.replaceAll(pattern, instead), text);
