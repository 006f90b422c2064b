import { App } from 'aws-cdk-lib';
import { ConfigError, readConfig } from '../lib/config';
import { NativesNotPreparedError } from '../lib/natives';
import { buildShop } from '../lib/shop';

const app = new App();
try {
  buildShop(app, readConfig(app.node.getAllContext(), process.env.CDK_DEFAULT_REGION ?? 'us-east-1'));
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof NativesNotPreparedError)) throw error;
  console.error(error.message);
  process.exit(1);
}
