import { parseArgs } from 'node:util';
import { sendVisitors } from '../lab/visitors';

const USAGE = `npm run load -- [options]   sends reads to a running shop, and reports each second
  --url <origin>    of the shop (default http://localhost:8080)
  --rate <number>   requests a second (default 1000)
  --seconds <n>     duration (default 60)
  --help            show this help`;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://localhost:8080' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    help: { type: 'boolean' },
  },
});

const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
if (values.help || !(rate > 0) || !(seconds > 0) || !URL.canParse(values.url)) console.log(USAGE);
else {
  sendVisitors({ url: values.url, rate, seconds, say: console.log }).catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
