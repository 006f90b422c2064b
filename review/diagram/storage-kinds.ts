import { references, type Templates } from '../cloudformation';
import {
  describedBySecurityGroup,
  type NodeContent,
  nameOf,
  propertyAt,
  type ResourceGroup,
  refersTo,
  resourcesOf,
  textOf,
  zoneOf,
  zonesOf,
} from './resources';
import { capitalized } from './text-format';

export function volume([one]: ResourceGroup): NodeContent {
  const { Size, VolumeType } = one.resource.Properties ?? {};
  return { title: 'Data volume', lines: [`${textOf(Size)} GiB`, textOf(VolumeType)] };
}

/** The first instance becomes the writer. The others serve no reads unless a resource uses their endpoints. */
export function database([cluster]: ResourceGroup, templates: Templates): NodeContent {
  const instances = resourcesOf('AWS::RDS::DBInstance', templates).filter(({ stack, resource }) =>
    refersTo(resource.Properties?.DBClusterIdentifier, cluster, stack, templates),
  );
  const isReadFrom = references(templates).some(
    ({ logicalId, attribute }) =>
      attribute === 'Endpoint.Address' && instances.slice(1).some((one) => one.logicalId === logicalId),
  );
  const zones = zonesOf(cluster, templates).map(() => '');
  for (const [index, instance] of instances.entries()) {
    zones[zoneOf(instance, templates) ?? index] = index === 0 ? 'writer' : isReadFrom ? 'reader' : 'standby';
  }
  const { title, lines } = describedBySecurityGroup(cluster, templates);
  const scaling = cluster.resource.Properties?.ServerlessV2ScalingConfiguration;
  const [least, most] = ['MinCapacity', 'MaxCapacity'].map((name) => textOf(propertyAt(scaling, name)));
  return { title, lines: [...lines, `${least} to ${most} units each`], zones };
}

export function cache([one]: ResourceGroup, templates: Templates): NodeContent {
  const { title, lines } = describedBySecurityGroup(one, templates);
  const { CacheUsageLimits } = one.resource.Properties ?? {};
  const most = textOf(propertyAt(CacheUsageLimits, 'DataStorage', 'Maximum'));
  return { title, lines: [...lines, `at most ${most} GB`], zones: zonesOf(one, templates) };
}

export function warehouse([one]: ResourceGroup, templates: Templates): NodeContent {
  const { title, lines } = describedBySecurityGroup(one, templates);
  const { BaseCapacity, MaxCapacity } = one.resource.Properties ?? {};
  const units = `${textOf(BaseCapacity)} to ${textOf(MaxCapacity)} units`;
  return { title, lines: [...lines, units], zones: zonesOf(one, templates) };
}

export function bucket([one]: ResourceGroup): NodeContent {
  const versioning = propertyAt(one.resource.Properties?.VersioningConfiguration, 'Status');
  const lines = ['S3 bucket', ...(versioning === 'Enabled' ? ['with versions'] : [])];
  return { title: capitalized(nameOf(one)), lines, location: 'region' };
}
