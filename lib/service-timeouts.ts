import { CustomResource, type CustomResourceProps, Duration, type IPropertyInjector } from 'aws-cdk-lib';

/**
 * An end for custom resources that the CDK makes by itself: when a function's answer is lost, CloudFormation would wait
 * for an hour, and for another one on the way back (rule CDK-16). Their functions may run for a quarter of an hour.
 */
export const serviceTimeouts: IPropertyInjector = {
  constructUniqueId: CustomResource.PROPERTY_INJECTION_ID,
  inject: (props: CustomResourceProps): CustomResourceProps => ({
    ...props,
    serviceTimeout: props.serviceTimeout ?? Duration.minutes(16),
  }),
};
