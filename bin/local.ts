import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../lib/root';
import { CannotRunError } from '../local/errors';
import { phaseNamed } from '../local/phase';

const USAGE = `npm start -- [options]
  --port <number>   port to listen on (default 8080; 0 picks a free one)
  --host <address>  address to listen on (default: this machine alone, as localhost);
                    0.0.0.0 lets others of your network in, over plain HTTP
  --phase <number>  phase of the shop (default 1); without --servers, phases differ little
  --servers         run real servers: MariaDB, from phase 2 an S3 server, from phase 3 nginx,
                    several processes of the app and a standby database; from
                    phase 5 groups of processes that grow and shrink with their load
  --data <folder>   data folder (default .local beside package.json)
  --reset           delete the contents of the data folder and exit (npm run reset)
  --help            show this help
`;

async function main(): Promise<void> {
  const { port, host, data, phase, servers, reset: emptied, help } = options();
  if (help) {
    process.stdout.write(USAGE);
  } else if (emptied) {
    const { reset } = await import('../local/reset');
    const removed = await reset(data);
    process.stdout.write(
      removed.length > 0
        ? `Removed:\n${removed.map((path) => `  ${path}\n`).join('')}`
        : `Nothing to remove in ${data}\n`,
    );
  } else {
    const { run } = await import('../local/run');
    await run({ port, host, folder: data, phase, servers });
  }
}

function options() {
  const values = parsed();
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new CannotRunError(`--port must be a number from 0 to 65535, not "${values.port}".`);
  }
  return { ...values, port, phase: phaseNamed(values.phase), data: resolve(values.data) };
}

function parsed() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '8080' },
        host: { type: 'string' },
        data: { type: 'string', default: join(ROOT, '.local') },
        phase: { type: 'string', default: '1' },
        servers: { type: 'boolean', default: false },
        reset: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new CannotRunError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(
    error instanceof CannotRunError ? `${error.message}\n` : `${(error as Error).stack}\n`,
  );
  process.exitCode = 1;
});
