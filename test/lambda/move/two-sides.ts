import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Blobs } from '../../../lambda/shared/blobs';
import { openDiskBlobs } from '../../../lambda/shared/blobs-disk';
import { openS3Blobs } from '../../../lambda/shared/blobs-s3';
import type { Sql } from '../../../lambda/shared/sql';
import { mariaDb } from '../../support/engines';
import { hasMariaDb, launchMariaDb } from '../../support/mariadb';
import { type ConditionalS3, startConditionalS3 } from './conditional-s3';

/** Runs where there are two servers to move between. */
export const describeMoves = hasMariaDb() ? describe : describe.skip;

export interface Servers {
  /** The same empty schema on both servers, after these statements. */
  schema(
    name: string,
    prepare: (sql: Sql) => Promise<unknown>,
  ): Promise<{ box: Sql & { url: string }; managed: Sql & { url: string } }>;
  /** A folder and a bucket, both empty. */
  blobs(): Promise<{ box: Blobs; managed: Blobs }>;
  folder(): string;
  readonly s3: ConditionalS3;
  stop(): Promise<void>;
}

/** What phase 2 has, as far as a machine can: two MariaDB servers, an S3, a disk. */
export async function startServers(): Promise<Servers> {
  const root = mkdtempSync(join(tmpdir(), 'shop-move-'));
  const second = launchMariaDb();
  const [box, managed] = [mariaDb(), mariaDb(second.socket)];
  const s3 = await startConditionalS3();
  const opened: Sql[] = [];
  let count = 0;
  const folder = () => mkdtempSync(join(root, 'f-'));
  return {
    s3,
    folder,
    schema: async (name, prepare) => {
      const sides = await Promise.all([box.open(name), managed.open(name)]);
      opened.push(...sides);
      await Promise.all(sides.map(prepare));
      return { box: sides[0], managed: sides[1] };
    },
    blobs: async () => {
      const bucket = `files-${++count}`;
      await s3.createBucket(bucket);
      return { box: await openDiskBlobs(folder()), managed: openS3Blobs(bucket, s3.config) };
    },
    stop: async () => {
      await Promise.all(opened.map((sql) => sql.close()));
      await Promise.all([second.stop(), s3.stop()]);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** All that a schema holds but its record of migrations, to compare it with. */
export async function contents(sql: Sql): Promise<Record<string, string[]>> {
  const tables = await sql.query<Record<string, string>>('SHOW TABLES');
  const names = tables.flatMap((row) => Object.values(row)).filter((name) => name !== 'migrations');
  const rows = await Promise.all(
    names.map(async (name) => {
      const found = await sql.query<Record<string, unknown>>(`SELECT * FROM ${name}`);
      return [name, found.map((row) => JSON.stringify(row)).sort()] as const;
    }),
  );
  return Object.fromEntries(rows);
}
