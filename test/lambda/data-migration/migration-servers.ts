import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Blobs } from '../../../lambda/shared/blobs/blobs';
import { openDiskBlobs } from '../../../lambda/shared/blobs/disk';
import { openS3Blobs } from '../../../lambda/shared/blobs/s3';
import type { Migration } from '../../../lambda/shared/sql/migrations';
import type { Sql } from '../../../lambda/shared/sql/sql';
import { cleanup } from '../../support/cleanup';
import { emptiedSchema } from '../../support/emptied-schema';
import { mariaDb, type ServerEngine, serverEngines } from '../../support/engines';
import { hasMariaDb } from '../../support/mariadb';
import { type ConditionalS3, startConditionalS3 } from './conditional-s3';

/** Describes moves from the box's MariaDB to a stand-in for Aurora: MySQL, or else another MariaDB. */
export function describeMoves(name: string, suite: (managed: ServerEngine) => void): void {
  const managed = hasMariaDb() ? serverEngines().at(-1) : undefined;
  if (managed) describe(`${name}, from MariaDB to ${managed.name}`, () => suite(managed));
  else describe.skip(`${name}, from MariaDB`, () => suite(mariaDb()));
}

export interface Servers {
  /** The same empty schema on both servers, after these statements. */
  schema(
    name: string,
    prepare: (sql: Sql) => Promise<unknown>,
  ): Promise<{ box: Sql & { url: string }; managed: Sql & { url: string } }>;
  /** The tables of a service on both servers, emptied. */
  emptied(
    name: string,
    migrations: readonly Migration[],
  ): Promise<{ box: Sql & { url: string }; managed: Sql & { url: string } }>;
  /** A folder and a bucket, both empty. */
  blobs(): Promise<{ box: Blobs; managed: Blobs }>;
  folder(): string;
  readonly s3: ConditionalS3;
}

/**
 * Starts the servers of phase 2 as far as one machine can: two database servers, an S3, a disk. They end with the file.
 */
export async function startServers(engine: ServerEngine): Promise<Servers> {
  const root = mkdtempSync(join(tmpdir(), 'shop-move-'));
  cleanup(() => rmSync(root, { recursive: true, force: true }));
  const second = engine.launch();
  const [box, managed] = [mariaDb(), engine.on(second)];
  const s3 = await startConditionalS3();
  let count = 0;
  const folder = () => mkdtempSync(join(root, 'f-'));
  return {
    s3,
    folder,
    schema: async (name, prepare) => {
      const sides = await Promise.all([box.open(name), managed.open(name)]);
      await Promise.all(sides.map(prepare));
      return { box: sides[0], managed: sides[1] };
    },
    emptied: async (name, migrations) => ({
      box: await emptiedSchema(box, name, migrations),
      managed: await emptiedSchema(managed, name, migrations),
    }),
    blobs: async () => {
      const bucket = `files-${++count}`;
      await s3.createBucket(bucket);
      return { box: await openDiskBlobs(folder()), managed: openS3Blobs(bucket, s3.config) };
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
