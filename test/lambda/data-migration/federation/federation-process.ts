import { createFederation } from '../../../../lambda/data-migration/federation/federation';
import { openFence } from '../../../../lambda/data-migration/federation/fence';
import type { Home } from '../../../../lambda/data-migration/federation/home';
import { fileMarker } from '../../../../lambda/data-migration/placement/marker-file';
import { openChangeLog } from '../../../../lambda/data-migration/sync/change-log';
import { openSql } from '../../../../lambda/shared/sql/open';
import type { FederatedSchema } from './federated-schema';

// A mover that carries the schema to and fro, for `federation.test.ts` to kill. It prints a line for each step.
async function main(schema: FederatedSchema): Promise<void> {
  const fences = { shared: await openFence(schema.fences.shared), own: await openFence(schema.fences.own) };
  const changeLogs = {
    shared: await openChangeLog(schema.fences.shared),
    own: await openChangeLog(schema.fences.own),
  };
  const open = async (home: Home) => ({
    schemas: { users: await openSql(schema.admin[home], { use: 'maintenance' }) },
  });
  const sides = { shared: await open('shared'), own: await open('own') };
  const marker = fileMarker<Home>(`${schema.folder}/marker`);
  const mover = await createFederation({ marker, fences, sides, changeLogs, chunkRows: 500 });
  const report = async ({ step }: { step: string }) => void process.stdout.write(`${step}\n`);
  for (;;) {
    const { to } = await mover.move(mover.data() === 'own' ? 'shared' : 'own', 'test', { report });
    process.stdout.write(`moved ${to}\n`);
  }
}

void main(JSON.parse(process.argv[2] ?? ''));
