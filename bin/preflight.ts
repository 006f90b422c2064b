import { openClients } from '../operate/aws/clients';
import { lookUp } from '../operate/preflight/facts';
import { preflightRows } from '../operate/preflight/preflight';
import { runLookingCommand } from '../operate/run';

const USAGE = `npm run preflight -- -c phase=3   look whether the account is ready for a deploy
  -c name=value   the options of the deploy (default: "context" in cdk.json)
  --json          for programs
Changes nothing. Ends with 0: ready, 1: something to mend, 2: wrong options,
3: nothing to mend was seen, but not everything could be seen.`;

runLookingCommand(USAGE, async ({ config }) =>
  preflightRows(config, await lookUp(config, openClients(config.region))),
);
