import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { answerCommands } from '../../../lambda/data-migration/control/agent';
import { type CommandName, type Mailbox, openMailbox } from '../../../lambda/data-migration/control/mailbox';
import { createMover } from '../../../lambda/data-migration/mover';
import {
  MovedMeanwhileError,
  MoveUnderWayError,
  type Outside,
  outsideWrite,
} from '../../../lambda/data-migration/outside-write';
import { s3Marker } from '../../../lambda/data-migration/placement/marker-s3';
import { FIRST, type Marker, type Place } from '../../../lambda/data-migration/placement/placement';
import { acquirePlacementLease } from '../../../lambda/data-migration/placement/placement-lease';
import type { Endpoint } from '../../../lambda/data-migration/sync/endpoints';
import { RetryLaterError } from '../../../lambda/shared/runtime/retry-later';
import { limit, OutcomeUnknownError, type Sql } from '../../../lambda/shared/sql/sql';
import { closeWayBack, openWayBack } from '../../../lib/guard/way-back';
import { eventually } from '../../support/until';
import { countedHistory } from './counted-history';
import { describeMoves, type Servers, startServers } from './migration-servers';

class NotMadeError extends RetryLaterError {}

const log = pino({ level: 'silent' });

describeMoves('a write of a process beside the one that moves the data', (engine) => {
  let servers: Servers;
  let rows: Record<Place, Sql>;
  let sides: Record<Place, Endpoint>;
  let marker: Marker;
  let mailbox: Mailbox;
  let outside: Outside;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    servers = await startServers(engine);
  });

  beforeEach(async () => {
    rows = await servers.schema('users', (sql) =>
      sql.execute(
        'CREATE TABLE marks (id VARCHAR(36) PRIMARY KEY) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      ),
    );
    const blobs = await servers.blobs();
    const side = (place: Place) => ({ schemas: { users: rows[place] }, blobs: blobs[place] });
    sides = { box: side('box'), managed: side('managed') };
    const bucket = `deployments-${randomUUID()}`;
    await servers.s3.createBucket(bucket);
    marker = s3Marker(servers.s3.client, bucket);
    mailbox = openMailbox(servers.s3.client, bucket);
    outside = { marker, mailbox };
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  const mark = (place: Place) => rows[place].execute('INSERT INTO marks (id) VALUES (?)', [randomUUID()]);
  const marksOf = (place: Place) => rows[place].query<{ id: string }>(`SELECT id FROM marks ${limit(1000)}`);

  /** The app on the box. `at` is called when a move reaches a step, before it goes on. */
  async function startApp(at: (step: string) => Promise<void> = async () => undefined): Promise<void> {
    const placed = await acquirePlacementLease(marker);
    const mover = createMover({ sides, placed });
    const stop = answerCommands({
      to: { move: 'managed', back: 'box' },
      mailbox,
      log,
      everyMs: 5,
      sayMs: 5,
      mover: {
        ...mover,
        move: (to, by, { report, signal }) =>
          mover.move(to, by, {
            signal,
            report: async (progress) => {
              await at(progress.step);
              await report(progress);
            },
          }),
      },
    });
    stops.push(stop);
  }

  async function carryOut(command: CommandName): Promise<void> {
    const id = randomUUID();
    await mailbox.ask({ id, command });
    const ended = await eventually(async () => {
      const status = await mailbox.status();
      if (status?.id !== id || status.state === 'running') throw new Error('It goes on');
      return status;
    });
    if (ended.state !== 'done') throw new Error(ended.error);
  }

  test('goes to the side that has the data', async () => {
    await startApp();
    await expect(outsideWrite(outside, async (place) => place)).resolves.toBe('box');
    await carryOut('move');
    await expect(outsideWrite(outside, async (place) => place)).resolves.toBe('managed');
    await carryOut('back');
    await expect(outsideWrite(outside, async (place) => place)).resolves.toBe('box');
  });

  test('is refused once a move is asked for, until it ended', async () => {
    const write = jest.fn(async () => undefined);
    await mailbox.ask({ id: 'asked', command: 'move' });
    await expect(outsideWrite(outside, write)).rejects.toThrow(MoveUnderWayError);
    await mailbox.say({ id: 'asked', command: 'move', state: 'running', starts: 1, at: 'now' });
    await expect(outsideWrite(outside, write)).rejects.toThrow(MoveUnderWayError);
    // Another move is commanded, and the last status is still that of the first one.
    await mailbox.ask({ id: 'next', command: 'check' });
    await expect(outsideWrite(outside, write)).rejects.toThrow(MoveUnderWayError);
    await mailbox.say({ id: 'next', command: 'check', state: 'failed', starts: 1, at: 'now' });
    await outsideWrite(outside, write);
    expect(write).toHaveBeenCalledTimes(1);
  });

  test.each([
    ['start', 'managed', 2],
    ['freeze', 'managed', 2],
    // The move finds it and fails.
    ['verify', 'box', 2],
    // The move misses it.
    ['switch', 'managed', 1],
  ] as const)(
    'is not confirmed when a move that began meanwhile is at "%s", and is done again afterwards',
    async (step, data, marks) => {
      let arrived = () => {};
      const there = new Promise<void>((done) => {
        arrived = done;
      });
      let goOn = () => {};
      const written = new Promise<void>((done) => {
        goOn = done;
      });
      await startApp(async (at) => {
        if (at !== step) return;
        arrived();
        await written;
      });
      let moved: Promise<void> | undefined;
      const write = outsideWrite(outside, async (place) => {
        moved = carryOut('move');
        await there;
        await mark(place);
      });
      try {
        await expect(write).rejects.toThrow(MovedMeanwhileError);
      } finally {
        goOn();
        await moved?.catch(() => undefined);
      }
      await outsideWrite(outside, mark);
      expect((await marker.read())?.placement.data).toBe(data);
      await expect(marksOf(data)).resolves.toHaveLength(marks);
    },
  );

  test('is not confirmed when a whole move happened meanwhile', async () => {
    await startApp();
    const write = outsideWrite(outside, async (place) => {
      await carryOut('move');
      await mark(place);
    });
    await expect(write).rejects.toThrow(MovedMeanwhileError);
    await expect(marksOf('managed')).resolves.toEqual([]);
  });

  test('every one that was confirmed is where the data is, however often it moves meanwhile', async () => {
    await startApp();
    const history = countedHistory();
    let refused = 0;
    let over = false;
    const write = async () => {
      while (!over) {
        const id = randomUUID();
        await history.increment('writer', ['all', id], async () => {
          const insert = (place: Place) => rows[place].execute('INSERT INTO marks (id) VALUES (?)', [id]);
          await outsideWrite(outside, insert).catch((error) => {
            refused++;
            if (error instanceof MoveUnderWayError) throw new NotMadeError('a move is under way', 1);
            // It may be there or not.
            throw error instanceof MovedMeanwhileError ? new OutcomeUnknownError() : error;
          });
        });
      }
    };
    const read = async () => {
      while (!over)
        await history.read('reader', 'all', () =>
          outsideWrite(outside, async (place) => (await marksOf(place)).length).catch((error) => {
            if (!(error instanceof MoveUnderWayError || error instanceof MovedMeanwhileError)) throw error;
            return undefined;
          }),
        );
    };
    const working = Promise.all([write(), read()]);
    try {
      for (const command of ['move', 'back', 'move', 'back', 'move'] as const) {
        const before = history.acknowledged();
        await carryOut(command);
        await eventually(async () => expect(history.acknowledged()).toBeGreaterThan(before));
      }
    } finally {
      over = true;
      await working;
    }
    const kept = await marksOf('managed');
    history.audit(new Map([['all', kept.length], ...kept.map(({ id }) => [id, 1] as const)]));
    expect(history.faults()).toEqual([]);
    expect(refused).toBeGreaterThan(0);
    console.info(history.inWords());
  });

  test('needs nobody to answer the mailbox once the way back is closed', async () => {
    await marker.write({ ...FIRST, data: 'managed' }, undefined);
    await closeWayBack(marker);
    await mailbox.ask({ id: 'never answered', command: 'back' });
    await expect(outsideWrite(outside, async (place) => place)).resolves.toBe('managed');
    await openWayBack(marker);
    await expect(outsideWrite(outside, async (place) => place)).rejects.toThrow(MoveUnderWayError);
  });
});
