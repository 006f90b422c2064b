import { type Json, references, type Templates } from '../cloudformation';
import { declaredIn, keyOf } from '../declared';
import type { Drawn, Some } from './kinds';
import { everyResource, inside, nameOf, said, textOf, zoneOf, zonesOf } from './resources';
import { capital } from './words';

/** All records of one name. */
export function record(all: Some): Drawn {
  const { Name, TTL, AliasTarget } = all[0].resource.Properties ?? {};
  const types = all.map(({ resource }) => textOf(resource.Properties?.Type)).join(', ');
  const how = AliasTarget ? `${types}: alias` : `${types}: for ${textOf(TTL)} s`;
  return { title: 'Route 53', lines: [textOf(Name).replace(/\.$/, ''), how], band: 'edge' };
}

export function distribution([cdn]: Some): Drawn {
  const config = cdn.resource.Properties?.DistributionConfig;
  const aliases = list(inside(config, 'Aliases')).map(textOf);
  const paths = list(inside(config, 'CacheBehaviors')).map((each) => textOf(inside(each, 'PathPattern')));
  const name = aliases.join(', ') || 'a name of its own';
  return { title: 'CloudFront', lines: [name, `${paths.join(', ')} and the rest`], band: 'edge' };
}

export function volume([one]: Some): Drawn {
  const { Size, VolumeType } = one.resource.Properties ?? {};
  return { title: 'Data volume', lines: [`${textOf(Size)} GiB`, textOf(VolumeType)], rank: 1 };
}

/** The first instance that is made becomes the writer. Nobody reads from the others while nothing asks where to. */
export function database([cluster]: Some, templates: Templates): Drawn {
  const instances = everyResource(templates).filter(
    ({ stack, resource }) =>
      resource.Type === 'AWS::RDS::DBInstance' &&
      declaredIn(resource.Properties?.DBClusterIdentifier, stack, templates).some(
        (one) => keyOf(one) === keyOf(cluster),
      ),
  );
  const isReadFrom = references(templates).some(({ attribute }) => attribute === 'ReadEndpoint.Address');
  const zones = zonesOf(cluster, templates).map(() => '');
  for (const [index, instance] of instances.entries()) {
    zones[zoneOf(instance) ?? index] = index === 0 ? 'writer' : isReadFrom ? 'reader' : 'standby';
  }
  const scaling = cluster.resource.Properties?.ServerlessV2ScalingConfiguration;
  const units = `${textOf(inside(scaling, 'MinCapacity'))} to ${textOf(inside(scaling, 'MaxCapacity'))} units each`;
  return { ...said(cluster, templates), lines: [...said(cluster, templates).lines, units], zones, rank: 1 };
}

export function bucket([one]: Some): Drawn {
  const { VersioningConfiguration } = one.resource.Properties ?? {};
  const versions = inside(VersioningConfiguration, 'Status') === 'Enabled' ? ['with versions'] : [];
  return { title: capital(nameOf(one)), lines: ['S3 bucket', ...versions], band: 'region' };
}

const services: Readonly<Record<string, string>> = { s3: 'S3', logs: 'Logs', secretsmanager: 'Secrets' };

export function endpoint([one]: Some, templates: Templates): Drawn {
  const { ServiceName, VpcEndpointType } = one.resource.Properties ?? {};
  const service = textOf(ServiceName).split('.').at(-1) ?? '';
  return {
    title: services[service] ?? service,
    lines: [textOf(VpcEndpointType).toLowerCase()],
    zones: zonesOf(one, templates),
    band: 'ways',
  };
}

export function shells([one]: Some, templates: Templates): Drawn {
  return { title: 'Shells', lines: ['Instance Connect'], zones: zonesOf(one, templates), band: 'ways' };
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
