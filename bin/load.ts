import { parseArgs } from 'node:util';
import { sendVisitors } from '../lab/visitors';

const USAGE = `npm run load -- [options]   sends reads to a running shop, and reports each second
  --url <origin>      of the shop (default http://localhost:8080)
  --rate <number>     requests a second (default 1000)
  --seconds <number>  duration (default 60)
  --connections <n>   the most requests in flight; others are not sent (default 256)
  --help              show this help`;

/** Each has an address of its own, and as many are open files. */
const MOST_CONNECTIONS = 10_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: 'http://localhost:8080' },
      rate: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '60' },
      connections: { type: 'string', default: '256' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(USAGE);
  if (!/^https?:/.test(values.url) || !URL.canParse(values.url))
    throw new Error(`--url must be like http://localhost:8080, not "${values.url}"`);
  await sendVisitors({
    url: values.url,
    rate: aboveZero('rate', values.rate),
    seconds: aboveZero('seconds', values.seconds),
    connections: upTo(MOST_CONNECTIONS, 'connections', values.connections),
    say: console.log,
  });
}

function aboveZero(name: string, given: string): number {
  const number = Number(given);
  if (number > 0 && number < Number.POSITIVE_INFINITY) return number;
  throw new Error(`--${name} must be a number above 0, not "${given}"`);
}

function upTo(most: number, name: string, given: string): number {
  const number = Math.ceil(aboveZero(name, given));
  if (number <= most) return number;
  throw new Error(`--${name} must be at most ${most.toLocaleString('en')}, not "${given}"`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
