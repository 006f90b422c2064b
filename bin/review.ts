import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { reviewComment } from '../review/comment/comment';
import { synthesisOf } from '../review/synthesis';

const USAGE = `npm run review -- --base DIR --head DIR   print what a deploy of head would change
  --base DIR    cloud assembly that is deployed (npx cdk synth --output DIR)
  --head DIR    cloud assembly to compare with it
  --costs FILE  text of a cost command to add
Needs no network. Ends with 1 if head must not be deployed over base.`;

const { values } = parseArgs({
  options: { base: { type: 'string' }, head: { type: 'string' }, costs: { type: 'string' } },
});
if (!values.base || !values.head) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  const [base, head] = [values.base, values.head].map((folder) => synthesisOf(new CloudAssembly(folder)));
  const costs = values.costs ? readFileSync(values.costs, 'utf8') : undefined;
  if (!base || !head) throw new Error('unreachable: two folders are two assemblies');
  const { text, mayBeDeployed } = reviewComment(base, head, costs);
  process.stdout.write(text);
  process.exitCode = mayBeDeployed ? 0 : 1;
}
