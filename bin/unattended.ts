import { stackName } from '../lib/names';
import { openClients } from '../operate/aws/clients';
import { deployedGuard } from '../operate/aws/stacks';
import { readOptions } from '../operate/options';
import { unattendedRefusal } from '../operate/unattended';

// Asked by the pipeline before each deploy. Fails when a person has to be there, and when nobody can say.
async function main(): Promise<void> {
  const { config } = await readOptions(process.argv.slice(2));
  const { cloudFormation } = openClients(config.region);
  const reason = unattendedRefusal(
    await deployedGuard(cloudFormation, stackName(config.name, 'Network')),
    config.phase,
  );
  if (reason) throw new Error(reason);
  console.log(`Phase ${config.phase.number} may be deployed by the pipeline.`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
