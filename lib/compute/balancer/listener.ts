import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  type ApplicationListener,
  ApplicationProtocol,
  type BaseApplicationListenerProps,
  ListenerAction,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Balancer } from './balancer';

/** The TLS port of a balancer that only hosts of the shop call. */
export function listener(
  balancer: Balancer,
  certificate: ICertificate,
  byDefault: Pick<BaseApplicationListenerProps, 'defaultAction' | 'defaultTargetGroups'>,
): ApplicationListener {
  return balancer.addListener('Tls', {
    open: false,
    protocol: ApplicationProtocol.HTTPS,
    certificates: [certificate],
    sslPolicy: SslPolicy.RECOMMENDED_TLS,
    ...byDefault,
  });
}

/** A balancer can name no other kind of JSON. */
export const notFound = (): ListenerAction =>
  ListenerAction.fixedResponse(404, {
    contentType: 'application/json',
    messageBody: JSON.stringify({ type: 'about:blank', title: 'Not Found', status: 404 }),
  });
