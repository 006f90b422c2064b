import { openClients } from '../operate/aws/clients';
import { doctorRows } from '../operate/doctor/doctor';
import { lookUp } from '../operate/doctor/facts';
import { ACCOUNT_SETTINGS } from '../operate/doctor/purchase';
import { runLookingCommand } from '../operate/run';

const USAGE = `npm run doctor -- -c phase=3   look whether a deployed shop is well
  -c name=value   the options of the deploy (default: "context" in cdk.json)
  --json          for programs
CANARY_EMAIL and CANARY_PASSWORD name a customer's account, which reserves one
piece and releases it. Changes nothing else. Ends with 0: well, 1: something to
mend, 2: wrong options, 3: no fault was seen, but not everything could be seen.`;

runLookingCommand(USAGE, async ({ config }) => {
  const [email, password] = ACCOUNT_SETTINGS.map((name) => process.env[name]);
  const account = email && password ? { email, password } : undefined;
  return doctorRows(config, await lookUp(config, openClients(config.region)), account, new Date());
});
