import { App } from 'aws-cdk-lib';
import { ConfigError, readConfig } from '../lib/config';
import { CarriageReturnError } from '../lib/line-endings';
import { NativesNotPreparedError } from '../lib/natives';
import { buildShop } from '../lib/shop';
import { checkTemplates } from '../lib/template-check';

const app = new App();
// As with any app, `cdk synth --no-validation` goes without the check.
if (process.env.CDK_VALIDATION !== 'false') checkTemplates(app);
try {
  buildShop(app, readConfig(app.node.getAllContext(), process.env.CDK_DEFAULT_REGION ?? 'us-east-1'));
} catch (error) {
  const isForPeople =
    error instanceof ConfigError ||
    error instanceof NativesNotPreparedError ||
    error instanceof CarriageReturnError;
  if (!isForPeople) throw error;
  console.error(error.message);
  process.exit(1);
}
