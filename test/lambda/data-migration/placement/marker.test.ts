import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { fileMarker } from '../../../../lambda/data-migration/placement/marker-file';
import { s3Marker } from '../../../../lambda/data-migration/placement/marker-s3';
import {
  type Marked,
  type Marker,
  MarkerChangedError,
  type Placement,
} from '../../../../lambda/data-migration/placement/placement';
import { type ConditionalS3, startConditionalS3 } from '../conditional-s3';

const there = (by: string): Placement => ({ data: 'managed', since: '2030-01-01T00:00:00.000Z', by });

let s3: ConditionalS3;
let folder: string;
let stores = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shop-marker-'));
  s3 = await startConditionalS3();
});

afterAll(() => rmSync(folder, { recursive: true }));

const implementations = [
  {
    name: 'S3',
    create: async () => {
      const bucket = `deployments-${++stores}`;
      await s3.createBucket(bucket);
      return () => s3Marker(s3.client, bucket);
    },
  },
  {
    name: 'a folder',
    create: async () => {
      const own = join(folder, String(++stores));
      return () => fileMarker(own);
    },
  },
];

describe.each(implementations)('a marker in $name', ({ create }) => {
  let open: () => Marker;
  let marker: Marker;

  beforeEach(async () => {
    open = await create();
    marker = open();
  });

  test('is not there before it is first written', async () => {
    await expect(marker.read()).resolves.toBeUndefined();
  });

  test('says what was written, to another process too', async () => {
    const written = await marker.write(there('a'), undefined);
    await expect(open().read()).resolves.toEqual(written);
    expect(written.placement).toEqual(there('a'));
  });

  test('is written only by a process that has read its present content', async () => {
    const first = await marker.write(there('a'), undefined);
    await marker.write(there('b'), first);
    await expect(marker.write(there('c'), first)).rejects.toThrow(MarkerChangedError);
    await expect(marker.write(there('c'), undefined)).rejects.toThrow(MarkerChangedError);
    expect((await marker.read())?.placement.by).toBe('b');
  });

  test('tells two writes of equal content apart', async () => {
    const first = await marker.write(there('a'), undefined);
    const second = await marker.write(there('a'), first);
    await expect(marker.write(there('late'), first)).rejects.toThrow(MarkerChangedError);
    await expect(marker.write(there('b'), second)).resolves.toBeDefined();
  });

  test('is the last one that was written, however many there were', async () => {
    let last: Marked | undefined;
    for (let n = 1; n <= 12; n++) last = await marker.write(there(`write ${n}`), last);
    expect(await open().read()).toEqual(last);
  });

  test('lets one of many writers win', async () => {
    const start = await marker.write(there('start'), undefined);
    const names = Array.from({ length: 12 }, (_, n) => `writer ${n}`);
    const outcomes = await Promise.allSettled(names.map((name) => open().write(there(name), start)));
    const winners = names.filter((_, n) => outcomes[n]?.status === 'fulfilled');
    expect(winners).toEqual([(await marker.read())?.placement.by]);
  });
});

test('a write that S3 refuses because another one is under way is refused as one that came too late', async () => {
  await s3.createBucket('conflict');
  const conflict = new S3ServiceException({
    ...{ name: 'ConditionalRequestConflict', $fault: 'client', $metadata: { httpStatusCode: 409 } },
  });
  const send = (command: GetObjectCommand) =>
    command instanceof GetObjectCommand ? s3.client.send(command) : Promise.reject(conflict);
  const marker = s3Marker({ send } as S3Client, 'conflict');
  await expect(marker.write(there('a'), undefined)).rejects.toThrow(MarkerChangedError);
});

test('a write in S3 whose answer was lost is known as its own when the SDK repeats it', async () => {
  await s3.createBucket('lossy');
  const marker = s3Marker(s3.client, 'lossy');
  const first = await marker.write(there('a'), undefined);
  s3.loseNextAnswer();
  const second = await marker.write(there('b'), first);
  await expect(marker.read()).resolves.toEqual(second);
});
