/**
 * A CDK app with as many resources as phase 1 and nothing else, to measure the least cost of `cdk synth`. Compare
 * `npx cdk synth --quiet` with:
 * `npx cdk synth --quiet --app 'node --import tsx lab/bench/bare-app.ts' --output "$(mktemp -d)"`.
 */
import { App, Stack } from 'aws-cdk-lib';
import { CfnTopic } from 'aws-cdk-lib/aws-sns';

const STACKS = 4;
const RESOURCES = 88;

const app = new App();
const stacks = Array.from({ length: STACKS }, (_, n) => new Stack(app, `Bare${n}`));
for (let n = 0; n < RESOURCES; n++) new CfnTopic(stacks[n % STACKS] as Stack, `Topic${n}`);
app.synth();
