import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CannotRunError } from '../local/errors';
import { phaseNamed } from '../local/phase';

const USAGE = `npm start -- [options]
  --port <number>   where to listen (8080; 0 picks a free one)
  --phase <number>  which phase's shop (1); embedded, it differs little, and says how
  --servers         on real servers, of this shop alone: MariaDB, from phase 2 an S3, from
                    phase 3 nginx, several processes of the app and a standby database
  --data <folder>   where the data is (.local beside package.json)
  --reset           empty the data folder instead of starting (npm run reset)
  --help
`;

async function main(): Promise<void> {
  const { port, data, phase, servers, reset: emptied, help } = options();
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
    await run({ port, folder: data, phase, servers });
  }
}

function options() {
  const values = parsed();
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new CannotRunError(`--port is a number from 0 to 65535, not "${values.port}".`);
  }
  return { ...values, port, phase: phaseNamed(values.phase), data: resolve(values.data) };
}

function parsed() {
  try {
    return parseArgs({
      options: {
        port: { type: 'string', default: '8080' },
        data: { type: 'string', default: join(__dirname, '..', '.local') },
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
