import type { Templates } from '../../cloudformation';
import { type CostLineDraft, fixed, nameOf, type Resolver, used } from '../line';
import { HOURS_A_MONTH, quantity } from '../units';
import type { Usage } from '../usage';

export const edge: Readonly<Record<string, Resolver>> = {
  'AWS::CloudFront::Distribution': ({ usage }) => [
    used('CDN requests', usage.requests, 'requests at the CDN'),
    used('CDN traffic', usage.bytesToViewers, 'answers of the CDN to viewers'),
  ],
  'AWS::CloudFront::Function': ({ usage }) => [
    used('CDN function calls', usage.photoViews, 'paths of photos'),
  ],
  'AWS::WAFv2::WebACL': ({ resource, usage }) => {
    const rules = resource.Properties?.Rules;
    return [
      fixed('web ACL', quantity('month', 1), 'the web ACL'),
      fixed('web ACL rule', quantity('month', Array.isArray(rules) ? rules.length : 0), 'its rules'),
      used('requests inspected', usage.requests, 'requests that the firewall inspects'),
    ];
  },
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ({ id, resource, usage }) => [
    fixed('load balancer', HOURS_A_MONTH, `load balancer ${nameOf({ id, resource })}`),
    used(
      'balancer capacity',
      quantity('unit-hour', unitsOf(nameOf({ id, resource }), usage) * HOURS_A_MONTH),
      `work of ${nameOf({ id, resource })}`,
    ),
    once('between zones', used('traffic between zones', usage.betweenZones, 'traffic between zones')),
  ],
  'AWS::EC2::EIP': ({ usage, templates }) => [
    fixed('public address', HOURS_A_MONTH, 'the Elastic IP'),
    // Behind a CDN, its price for traffic is the only one.
    ...(isServedByCdn(templates)
      ? []
      : [used('traffic to the internet', usage.bytesToViewers, 'answers of the box')]),
  ],
  'AWS::EC2::VPCEndpoint': ({ resource, usage }) => {
    const { VpcEndpointType, SubnetIds, ServiceName } = resource.Properties ?? {};
    if (VpcEndpointType !== 'Interface') return [];
    const zones = Array.isArray(SubnetIds) ? SubnetIds.length : 1;
    const name = String(ServiceName).split('.').at(-1) ?? '';
    return [
      fixed(
        'interface endpoint',
        quantity('hour', zones * HOURS_A_MONTH),
        `interface endpoint of ${name}, each zone`,
      ),
      ...(name === 'logs' ? [used('endpoint traffic', usage.logs, 'logs through their endpoint')] : []),
    ];
  },
  'AWS::CertificateManager::Certificate': ({ resource }) =>
    resource.Properties?.CertificateExport === 'ENABLED' ? [exportable] : [],
  'Custom::ExportedCertificate': () => [once('exported', exportable)],
};

/** 7.00 at each issue and renewal, every five months. */
const exportable = once(
  'exported',
  fixed('exportable certificate', quantity('month', 1), 'certificate with an exportable key'),
);

const unitsOf = (name: string, { balancerUnits, rpcUnits }: Usage): number =>
  name.endsWith('/Rpc') ? rpcUnits : balancerUnits;

const isServedByCdn = (templates: Templates): boolean =>
  Object.values(templates).some(({ Resources = {} }) =>
    Object.values(Resources).some(({ Type }) => Type === 'AWS::CloudFront::Distribution'),
  );

function once(key: string, line: CostLineDraft): CostLineDraft {
  return { ...line, once: key };
}
