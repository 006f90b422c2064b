import fc from 'fast-check';
import { judge } from '../../../lab/history/judge';
import { linearize } from '../../../lab/history/linearizability';
import {
  describePhoto,
  type PhotoAnswer,
  type PhotoCall,
  type PhotoRequest,
  photoModel,
  withBackground,
} from '../../../lab/history/photo-model';
import { afterwards, rightPhotos } from './histories';

type Asked = [PhotoRequest, PhotoAnswer];
const outcome = (calls: readonly PhotoCall[]) => linearize(photoModel, calls);
const done = (kind: PhotoRequest['kind']): Asked => [{ kind }, { kind: 'done' }];
const seen = (status: 'waiting' | 'processing' | 'ready' | 'refused' | 'none'): Asked => [
  { kind: 'look' },
  { kind: 'seen', status },
];
const ready = [done('begin'), done('complete'), done('finish')];

test('the history of a photo that is right is linearizable, whatever overlaps and is lost', () => {
  fc.assert(fc.property(rightPhotos(), (calls) => outcome(calls) === 'linearizable'));
});

test.each<[string, Asked[]]>([
  ['that is not there yet though its upload was allowed', [done('begin'), seen('none')]],
  ['that waits for a file that it has', [done('begin'), done('complete'), seen('waiting')]],
  ['that is processed again', [...ready, seen('processing')]],
  ['that is ready without its file', [done('begin'), done('finish')]],
  ['that comes back', [...ready, done('remove'), seen('none'), seen('ready')]],
  ['that is shown though it was removed', [...ready, done('remove'), seen('ready')]],
  ['that is refused and ready', [done('begin'), done('complete'), done('refuse'), done('finish')]],
  ['that nobody would complete', [done('begin'), [{ kind: 'complete' }, { kind: 'refused' }]]],
])('a photo %s is noticed', (_, asked) => {
  expect(outcome(afterwards([], ...asked))).toBe('not linearizable');
  expect(outcome(afterwards([], ...asked.slice(0, -1)))).toBe('linearizable');
});

test('a look beside a change sees the photo before it or after it', () => {
  const [began] = afterwards([], done('begin')) as [PhotoCall];
  const beside = (status: 'waiting' | 'processing' | 'ready'): PhotoCall[] => [
    began,
    { ...began, start: 3, end: 9, request: { kind: 'complete' } },
    { ...began, start: 4, end: 5, request: { kind: 'look' }, answer: { kind: 'seen', status } },
  ];
  expect((['waiting', 'processing', 'ready'] as const).map((status) => outcome(beside(status)))).toEqual([
    'linearizable',
    'linearizable',
    'not linearizable',
  ]);
});

test('a completion that is repeated changes nothing, and says how far the photo is', () => {
  const again = (status: 'processing' | 'ready'): Asked => [{ kind: 'complete' }, { kind: 'seen', status }];
  expect(outcome(afterwards([], ...ready, again('ready')))).toBe('linearizable');
  expect(outcome(afterwards([], ...ready, again('processing')))).toBe('not linearizable');
});

test('what nobody is told of may happen: its worker finishes it, and the sweeper takes what was never completed', () => {
  const finished = afterwards([], done('begin'), done('complete'), seen('ready'));
  expect(outcome(finished)).toBe('not linearizable');
  expect(outcome(withBackground(finished, 1000))).toBe('linearizable');
  const gone = afterwards([], done('begin'), seen('waiting'), seen('none'));
  expect(outcome(withBackground(gone, 1000))).toBe('not linearizable');
  expect(outcome(withBackground(gone, 3))).toBe('linearizable');
});

test('a wrong history is drawn', () => {
  const calls = afterwards([], ...ready, seen('ready'), done('remove'), seen('none'), seen('ready'));
  const { wrong } = judge(calls, { modelOf: () => photoModel, describe: describePhoto });
  expect(wrong).toEqual([
    `no order explains 2 of the 7 calls of one:
auditor |A----|     |B----|

A  9 to 10  remove: done
B  13 to 14  look: seen ready`,
  ]);
});
