/** "$12.99" from { amount: 1299, currency: 'USD' }: amounts are in the currency's smallest unit. */
export function money({ amount, currency }) {
  return priceFormat(currency).format(amount / 10 ** digitsOf(currency));
}

const priceFormat = (currency) => new Intl.NumberFormat('en-US', { style: 'currency', currency });
const digitsOf = (currency) => priceFormat(currency).resolvedOptions().maximumFractionDigits;

/** "12.99" from { amount: 1299, currency: 'USD' } and "1500" from as many JPY: the text of an input. */
export const amountText = ({ amount, currency }) =>
  (amount / 10 ** digitsOf(currency)).toFixed(digitsOf(currency));

/** 1299 from "12.99" in USD; undefined when the text is no amount, or has more digits than the currency. */
export function minorUnits(text, currency) {
  const digits = digitsOf(currency);
  const match = /^\p{Sc}?(\d{1,9})(?:[.,](\d{1,4}))?$/u.exec(text.replace(/\s/g, ''));
  if (!match || (match[2] ?? '').length > digits) return undefined;
  return Number(match[1] + (match[2] ?? '').padEnd(digits, '0'));
}

/** "US dollars" for USD. */
export const currencyName = (currency) =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency, currencyDisplay: 'name' })
    .formatToParts(2)
    .find(({ type }) => type === 'currency').value;

const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
export const when = (iso) => dates.format(new Date(iso));

export const plural = (count, one, many = `${one}s`) =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;

/** "14:05" from seconds. */
export function minutes(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** "Firefox on Linux" from a User-Agent header, as far as it is known. */
export function device(userAgent) {
  const agent = userAgent ?? '';
  const known = (names) => names.find(([pattern]) => pattern.test(agent))?.[1];
  const browser = known([
    [/Edg\//, 'Edge'],
    [/Firefox\//, 'Firefox'],
    [/Chrome\//, 'Chrome'],
    [/Safari\//, 'Safari'],
    [/curl\//, 'curl'],
  ]);
  const system = known([
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS/, 'macOS'],
    [/Linux/, 'Linux'],
  ]);
  return [browser ?? 'Unknown client', system && `on ${system}`].filter(Boolean).join(' ');
}
