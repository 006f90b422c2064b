import fc from 'fast-check';
import { withStaleness } from '../../../lab/history/history';
import { judge } from '../../../lab/history/judge';
import { linearize } from '../../../lab/history/linearizability';
import {
  describeSession,
  type SessionAnswer,
  type SessionCall,
  type SessionRequest,
  sessionModel,
} from '../../../lab/history/session-model';
import { afterwards, rightSessions } from './histories';

const outcome = (calls: readonly SessionCall[]) => linearize(sessionModel, calls);
const logIn: [SessionRequest, SessionAnswer] = [{ kind: 'log in' }, { kind: 'begun', session: 'x' }];
const end: [SessionRequest, SessionAnswer] = [{ kind: 'end', session: 'x' }, { kind: 'done' }];
const identify = (kind: 'accepted' | 'refused'): [SessionRequest, SessionAnswer] => [
  { kind: 'identify', session: 'x' },
  { kind },
];

test('the history of a service that is right is linearizable, whatever overlaps and is lost', () => {
  fc.assert(fc.property(rightSessions(), (calls) => outcome(calls) === 'linearizable'));
});

test('a session that was ended and is accepted again is noticed', () => {
  fc.assert(
    fc.property(
      rightSessions(),
      (calls) => outcome(afterwards(calls, logIn, end, identify('accepted'))) === 'not linearizable',
    ),
  );
});

test('a session that is refused before its end is noticed', () => {
  fc.assert(
    fc.property(
      rightSessions(),
      (calls) => outcome(afterwards(calls, logIn, identify('refused'))) === 'not linearizable',
    ),
  );
});

test('a session that once was refused is not accepted later', () => {
  const calls = afterwards([], logIn, identify('refused'), identify('accepted'));
  const lost = { ...calls[0], start: 2.5, end: Infinity, request: end[0], answer: undefined } as SessionCall;
  expect(outcome([...calls, lost])).toBe('not linearizable');
  expect(outcome([...calls.slice(0, 2), lost])).toBe('linearizable');
});

const isRead = ({ kind }: SessionRequest) => kind === 'identify';
/** The auditor logs in at 1 and out at 3, and is accepted at 5. */
const accepted = afterwards([], logIn, end, identify('accepted'));

test('an ended session may be accepted for as long as stated', () => {
  const byAnother = accepted.map((call) => (isRead(call.request) ? { ...call, client: 'another' } : call));
  expect(outcome(withStaleness(byAnother, 1.5, isRead))).toBe('linearizable');
  expect(outcome(withStaleness(byAnother, 0.5, isRead))).toBe('not linearizable');
});

test('the client that ended it is never accepted again', () => {
  expect(outcome(withStaleness(accepted, 1.5, isRead))).toBe('not linearizable');
});

test('a wrong history of sessions is drawn', () => {
  const { wrong } = judge(accepted, { modelOf: () => sessionModel, describe: describeSession });
  expect(wrong[0]).toContain('A  3 to 4  end x: done');
  expect(wrong[0]).toContain('B  5 to 6  identify x: accepted');
});
