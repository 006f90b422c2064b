import type { Phase } from '../lib/phases';
import { demoAccounts } from './seed/accounts';

/** A name of at most ten letters, and lines of at most 67. */
export type Row = readonly [name: string, ...lines: string[]];

export interface Facts {
  readonly port: number;
  readonly phase: Pick<Phase, 'number' | 'title' | 'users'>;
  readonly runsOn: readonly Row[];
  readonly folder: string;
  readonly log: string;
  readonly isNew: boolean;
  /** How long starting took. */
  readonly seconds: number;
}

/** What a person sees when the shop runs: at most 80 columns, when paths are not long. */
export function startScreen(
  { port, phase, runsOn, folder, log, isNew, seconds }: Facts,
  colours: boolean,
): string {
  const paint = (code: number) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);
  const [bold, dim, link] = [paint(1), paint(2), paint(36)];
  const row = (name: string, ...lines: string[]) =>
    lines.map((line, at) => `  ${dim((at === 0 ? name : '').padEnd(10))} ${line}`);
  const width = Math.max(...demoAccounts.map(({ email }) => email.length));
  return [
    '',
    `  ${bold('The shop is open')} ${dim(`after ${seconds.toFixed(1)} s${isNew ? ', newly stocked' : ''}`)}`,
    '',
    ...row('Address', link(`http://localhost:${port}`)),
    ...row(
      'Accounts',
      ...demoAccounts.map(
        ({ email, password, role }) => `${email.padEnd(width)}  ${password.padEnd(16)}  ${dim(role)}`,
      ),
    ),
    ...row('Phase', `${phase.number} ${phase.title} ${dim(`for ${phase.users}`)}`),
    ...runsOn.flatMap(([name, ...lines]) => row(name, ...lines)),
    ...row('Data', `${folder} ${dim('(npm run reset empties it)')}`),
    ...row('Log', log),
    ...row('Stop', 'Ctrl+C'),
    '',
    '',
  ].join('\n');
}

/** Colours are for terminals, and for people who did not say no (no-color.org). */
export const wantsColours = (
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
) => stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
