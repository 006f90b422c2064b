import type { Phase } from '../lib/phases';
import { demoAccounts } from './seed/accounts';

/** A name of at most 10 characters, and lines of at most 67. */
export type Row = readonly [name: string, ...lines: string[]];

export interface Facts {
  /** The address for a browser. */
  readonly url: string;
  readonly phase: Pick<Phase, 'number' | 'title' | 'users'>;
  readonly runsOn: readonly Row[];
  readonly folder: string;
  readonly log: string;
  readonly isNew: boolean;
  /** Duration of the start. */
  readonly seconds: number;
}

/** The output of a started shop: at most 80 columns, unless paths are long. */
export function startBanner(
  { url, phase, runsOn, folder, log, isNew, seconds }: Facts,
  colours: boolean,
): string {
  const paint = (code: number) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const [bold, dim, link] = [paint(1), paint(2), paint(36)];
  const row = (name: string, ...lines: string[]) =>
    lines.map((line, at) => `  ${dim((at === 0 ? name : '').padEnd(10))} ${line}`);
  const width = Math.max(...demoAccounts.map(({ email }) => email.length));
  return [
    '',
    `  ${bold('The shop is open')} ${dim(`(started in ${seconds.toFixed(1)} s${isNew ? ', with sample products' : ''})`)}`,
    '',
    ...row('Address', link(url)),
    ...row(
      'Accounts',
      ...demoAccounts.map(
        ({ email, password, role }) => `${email.padEnd(width)}  ${password.padEnd(16)}  ${dim(role)}`,
      ),
    ),
    ...row('Phase', `${phase.number}: ${phase.title}, ${dim(`for ${usersOf(phase)}`)}`),
    ...runsOn.flatMap(([name, ...lines]) => row(name, ...lines)),
    ...row('Data', `${folder} ${dim('(npm run reset deletes it)')}`),
    ...row('Log', log),
    ...row('Stop', 'Ctrl+C'),
    '',
  ].join('\n');
}

/** "1 user", "hundreds of users", "ten thousand users". */
const usersOf = ({ users }: Facts['phase']) =>
  users === '1' ? '1 user' : `${users} ${users.endsWith('s') ? 'of ' : ''}users`;

/** True for terminals, unless NO_COLOR is set (no-color.org). */
export const wantsColours = (
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
) => stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
