import { type Recorder, withStaleness } from '../history/history';
import { judge } from '../history/judge';
import {
  describeSession,
  type SessionAnswer,
  type SessionCall,
  type SessionRequest,
  sessionModel,
} from '../history/session-model';
import type { Fault, Part } from './faults';
import { createNames, line, renamed } from './history-text';
import type { Plan } from './plan';
import type { Account } from './session-clients';
import type { Judged } from './subject';

/** A replica that is further behind is left out (decision 0115), as soon as it is asked; and the time of slow calls. */
const BEHIND_MS = 2000 + 1000 + 1500 + 2500;
/** The lag of replicas where nothing fails, and a call. */
const CALM_BEHIND_MS = 400;
/** A copy of a session whose end the cache did not hear of (decision 0114), and the time of slow calls. */
const COPY_MS = 30_000 + 2500;
const MOST_TRIES = 200_000;

interface Seen {
  readonly accounts: readonly Account[];
  readonly recorder: Recorder<SessionRequest, SessionAnswer>;
  /** The looks at sessions that a copy or a replica may answer. */
  readonly copied: ReadonlySet<SessionRequest>;
}

/** The answers that devices saw, with names in place of ids, and the verdict about it. */
export function judgeSessions(
  plan: Plan,
  { accounts, recorder, copied }: Seen,
): Pick<Judged, 'lines' | 'verdict'> {
  const names = createNames(new Map(accounts.map(({ id }, place) => [id, `account ${place}`])), 's');
  const copies = new Set<SessionRequest>();
  const calls = recorder.calls().map((call) => {
    const named = renamed(call, names, ['session']) as SessionCall;
    if (copied.has(call.request)) copies.add(named.request);
    // A client that looked at the record may still be shown an older copy: only writes of one's own are never missed.
    else if (named.request.kind === 'identify') return { ...named, client: `${named.client}, looking` };
    return named;
  });
  const judged = [
    ...aged(calls, plan, copies),
    ...accounts.flatMap((account) => cleared(account, calls, names)),
  ];
  const verdict = judge(judged, {
    modelOf: () => sessionModel,
    describe: describeSession,
    most: MOST_TRIES,
  });
  return { lines: calls.map((call) => line(call, describeSession)), verdict };
}

/** The age that copies and replicas may have when they are looked at, by the faults. */
function aged(calls: readonly SessionCall[], { shape, faults }: Plan, copies: ReadonlySet<SessionRequest>) {
  const about = (part: Part) => faults.some((fault) => 'part' in fault && fault.part === part);
  const isCalm = faults.length === 0;
  const behind = shape.replicas === 0 ? 0 : isCalm ? CALM_BEHIND_MS : BEHIND_MS;
  const isDeaf = shape.hasCache && (about('cache') || faults.some(isOf('cache loss')));
  // The mark of an end answers before any replica does.
  const after = isDeaf ? COPY_MS : isCalm && shape.hasCache ? 0 : behind;
  const isCopy = (request: SessionRequest) => copies.has(request);
  // Nobody who ended a session and did not reach the cache is spared its copy, not even oneself.
  const others = calls.map((call) =>
    isDeaf && isCopy(call.request) && call.answer?.kind === 'accepted'
      ? { ...call, client: `${call.client}, by a copy` }
      : call,
  );
  return withStaleness(others, ({ answer }) => (answer?.kind === 'accepted' ? after : behind), isCopy);
}

const isOf = (kind: Fault['kind']) => (fault: Fault) => fault.kind === kind;

/** The sessions that began while somebody asked to end all others: they may be among those. */
function cleared(
  { id, clearings }: Account,
  calls: readonly SessionCall[],
  names: (id: string) => string,
): SessionCall[] {
  const begun = calls.filter(({ key, answer }) => key === names(id) && answer?.kind === 'begun');
  return clearings.flatMap(({ at, keeps }) =>
    begun.flatMap(({ key, end, answer }): SessionCall[] => {
      if (answer?.kind !== 'begun' || end < at || answer.session === names(keeps)) return [];
      const request = { kind: 'end', session: answer.session } as const;
      return [
        { client: 'others', key, start: at, end: Number.POSITIVE_INFINITY, request, answer: undefined },
      ];
    }),
  );
}
