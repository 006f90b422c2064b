import type { Rebuilt } from '../../../lambda/inventory/catalog/rebuild';
import { insertProduct } from '../../../lambda/inventory/catalog/repository';
import { inventoryMigrations } from '../../../lambda/inventory/migrations';
import { migrate } from '../../../lambda/shared/sql/migrations';
import { openSql } from '../../../lambda/shared/sql/open';
import { type RebuildEvent, handler as rebuild } from '../../../lib/data/list-rebuild.handler';
import { OUTPUT } from '../../../lib/names';
import { callDeployed } from '../../../operate/aws/call-deployed';
import { runRebuild } from '../../../operate/rebuild-lists';
import { MUG } from '../../lambda/inventory/shop';
import { type Account, healthyAccount, startAccount } from '../../operate/aws-account';
import { closing } from '../../support/cleanup';
import { openAdmin } from '../../support/database-users';
import { serverEngines } from '../../support/engines';
import { LambdaApi } from '../../support/lambda-api';
import { lambdaEnvironment } from '../aws';
import { SecretsManager } from '../secrets-manager';

/** The last of the servers stands for Aurora; it has the schema by its real name. */
const [managed] = serverEngines().slice(-1);

(managed ? describe : describe.skip)('npm run rebuild-lists, on AWS', () => {
  test('finds and repairs through the function, and says so', async () => {
    if (!managed) return;
    const { socket } = managed.launch();
    const admin = await openAdmin(socket);
    await admin.query("CREATE USER inventory_app IDENTIFIED BY 'app'");
    await admin.query('CREATE DATABASE inventory CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
    await admin.query('GRANT ALL ON inventory.* TO inventory_app');
    const path = `socketPath=${encodeURIComponent(socket)}`;
    const sql = closing(await openSql(`mysql://inventory_app:app@localhost/inventory?${path}`));
    await migrate(sql, inventoryMigrations);
    for (const id of ['p1', 'p2'])
      await sql.transaction((tx) =>
        insertProduct(tx, { ...MUG, id, version: 1, createdAt: 0, updatedAt: 0 }, Date.now),
      );
    const secrets = await SecretsManager.start();
    secrets.set('inventory', { username: 'inventory_app', password: 'app' });
    const account: Account = healthyAccount(6);
    account.stacks['Shop-Data'] = {
      status: 'UPDATE_COMPLETE',
      outputs: { [OUTPUT.rebuildFunction]: 'rebuild' },
    };
    await startAccount(() => account);
    const lambda = await LambdaApi.start();
    lambda.deploy('rebuild', (event) => rebuild(event as RebuildEvent, {}, null));
    lambdaEnvironment({
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      DATABASE: `mysql://localhost?${path}`,
      INVENTORY_ACCOUNT: 'inventory',
    });
    const deployed = { shop: 'Shop', region: 'us-east-1', output: OUTPUT.rebuildFunction, phase: 2 };
    const run = async (repairs: boolean) => {
      let text = '';
      const out = { write: (more: string) => (text += more) };
      const ok = await runRebuild({ repairs, out, call: (event) => callDeployed<Rebuilt>(deployed, event) });
      return { ok, text };
    };
    expect(await run(false)).toEqual({
      ok: true,
      text: 'The rows of lists and searches are what 2 products say.\n',
    });
    await sql.execute("UPDATE listings SET category = 'old' WHERE product_id = 'p2'");
    expect(await run(false)).toEqual({ ok: false, text: 'p2\n1 of 2 products differed.\n' });
    expect(await run(true)).toEqual({
      ok: true,
      text: 'p2\n1 of 2 products differed, and were written again.\n',
    });
    expect((await run(false)).ok).toBe(true);
  }, 60_000);
});
