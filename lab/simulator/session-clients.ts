import { freshly } from '../../lambda/shared/sql/freshly';
import { WrongPasswordError } from '../../lambda/users/accounts/errors';
import { TooManyAttemptsError } from '../../lambda/users/errors';
import type { Parts } from '../../lambda/users/parts';
import { NoSuchSessionError, WrongCredentialsError } from '../../lambda/users/sessions/errors';
import type { Recorder } from '../history/history';
import type { SessionAnswer, SessionRequest } from '../history/session-model';
import { type CallerOptions, createCaller } from './caller';
import type { Operation } from './plan';

export const SESSION_REFUSALS = [
  NoSuchSessionError,
  TooManyAttemptsError,
  WrongCredentialsError,
  WrongPasswordError,
];

interface Session {
  readonly id: string;
  readonly token: string;
  /** The time at which its log-in was answered. */
  readonly at: number;
}

export interface Account {
  readonly id: string;
  readonly email: string;
  password: string;
  /** In the order of their answers. */
  readonly sessions: Session[];
  /** Those that somebody has asked to end: nobody does so twice. */
  readonly ending: Set<string>;
  /** The times at which somebody asked to end all others. */
  readonly clearings: { readonly at: number; readonly keeps: string }[];
}

export interface DevicesOptions<Served extends Parts = Parts> extends CallerOptions<Served> {
  readonly accounts: Account[];
  readonly recorder: Recorder<SessionRequest, SessionAnswer>;
  /** The looks at sessions that a copy or a replica may answer. */
  readonly copied: Set<SessionRequest>;
}

/** As long as the cookie `wrote` asks for fresh reads. */
const FRESH_MS = 60_000;

/** Returns what does an operation of a device, which knows the sessions of all others. */
export function createDevice<Served extends Parts>(
  name: string,
  options: DevicesOptions<Served>,
): (operation: Operation) => Promise<void> {
  const { world, accounts, recorder, copied } = options;
  const { call } = createCaller(name, options);
  let wroteAt = Number.NEGATIVE_INFINITY;
  let passwords = 0;

  const begun = async (account: Account, where: number, replaces?: string) => {
    const { email, password } = account;
    const given = { email, password, address: '192.0.2.7', userAgent: undefined, deviceCookie: undefined };
    const done = recorder.begin(name, account.id, { kind: 'log in' });
    const { answer } = await call(where, 'writers', ({ sessions }) => sessions.logIn({ ...given, replaces }));
    wroteAt = world.now();
    if (!answer) return false;
    const { session, token } = answer;
    account.sessions.push({ id: session.id, token, at: world.now() });
    done({ kind: 'begun', session: session.id });
    return true;
  };

  /** Undefined if there is none that nobody has asked to end. */
  const toEnd = ({ sessions, ending }: Account, { which }: Operation) => {
    const open = sessions.filter(({ id }) => !ending.has(id));
    const one = open[which % open.length];
    if (one) ending.add(one.id);
    return one;
  };

  const endOf = (account: Account, one: Session) => {
    const done = recorder.begin(name, account.id, { kind: 'end', session: one.id });
    return (answer: SessionAnswer) => {
      // A log-out is done too if there was no session: then it does not tell that there was one.
      if (answer.kind !== 'done' || !mayHaveEnded(account, one)) done(answer);
    };
  };

  const end = async (account: Account, operation: Operation) => {
    const one = toEnd(account, operation);
    if (!one) return;
    const done = endOf(account, one);
    const { answer, error, isUnsure } = await call(operation.where, 'writers', async ({ sessions }) => {
      if (operation.kind === 'log out') await sessions.logOut(one.token);
      else await sessions.end(account.id, one.id);
      return true;
    });
    wroteAt = world.now();
    if (answer || (error instanceof NoSuchSessionError && isUnsure)) done({ kind: 'done' });
    else if (error instanceof NoSuchSessionError) done({ kind: 'refused' });
  };

  const replace = async (account: Account, operation: Operation) => {
    const one = toEnd(account, operation);
    if (!one) return;
    const done = endOf(account, one);
    if (await begun(account, operation.where, one.token)) done({ kind: 'done' });
  };

  const changePassword = async (account: Account, { which, where }: Operation) => {
    const keeps = account.sessions[which % account.sessions.length];
    if (!keeps || account.ending.has(keeps.id)) return;
    const others = account.sessions.filter(({ id }) => id !== keeps.id && !account.ending.has(id));
    const answered = others.map((one) => {
      account.ending.add(one.id);
      return endOf(account, one);
    });
    account.clearings.push({ at: world.now(), keeps: keeps.id });
    const [current, password] = [account.password, `${name}-${passwords++}`];
    const by = { id: keeps.id, userId: account.id };
    const { answer } = await call(where, 'writers', async ({ accounts: service }) => {
      await service.changePassword(by, { current, password });
      return true;
    });
    wroteAt = world.now();
    if (!answer) return;
    account.password = password;
    for (const done of answered) done({ kind: 'done' });
  };

  const identify = async (account: Account, { kind, which, where }: Operation) => {
    const one = account.sessions[which % account.sessions.length];
    if (!one) return;
    const request = { kind: 'identify', session: one.id } as const;
    const isOwn = world.now() - wroteAt < FRESH_MS;
    if (kind === 'identify') copied.add(request);
    const done = recorder.begin(name, account.id, request);
    const { answer } =
      kind === 'identify'
        ? await call(where, 'readers', async ({ sessions }) => ({
            found: await (isOwn ? freshly(() => sessions.identify(one.token)) : sessions.identify(one.token)),
          }))
        : await call(where, 'writers', async ({ sessions }) => ({
            found: await sessions.identify(one.token),
          }));
    if (answer) done({ kind: answer.found ? 'accepted' : 'refused' });
  };

  return async (operation) => {
    const account = accounts[operation.quantity % accounts.length] as Account;
    switch (operation.kind) {
      case 'log in':
        await begun(account, operation.where);
        return;
      case 'log out':
      case 'end':
        return end(account, operation);
      case 'replace':
        return replace(account, operation);
      case 'change password':
        return changePassword(account, operation);
      case 'identify':
      case 'look up':
        return identify(account, operation);
    }
  };
}

/** Somebody had asked to end all others by the time at which it had begun: it may have been among those. */
const mayHaveEnded = ({ clearings }: Account, { id, at }: Session): boolean =>
  clearings.some((clearing) => clearing.at <= at && clearing.keeps !== id);
