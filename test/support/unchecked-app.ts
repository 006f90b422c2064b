import { App, type AppProps } from 'aws-cdk-lib';

/**
 * An app for a construct of a test. The CDK does not check its templates, which takes ten seconds of CPU:
 * `test/phases/checks.test.ts` has the templates that are deployed checked.
 */
export const uncheckedApp = (props: AppProps = {}): App =>
  new App({ ...props, analyticsReporting: false, builtinCloudFormationValidation: false });
