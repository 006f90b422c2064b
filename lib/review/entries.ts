import { constructPath, isObject, type Json, type Resource, type Template } from './cloudformation';

/** One thing that a template declares, as a person reads it. */
export interface Entry {
  /** `Resources/Box`, unique in its template. */
  readonly id: string;
  /** `AWS::EC2::Volume  DataVolume  (Shop-Data/Volume)` */
  readonly title: string;
  /** Properties by name; what stands beside the properties (`DependsOn`, `DeletionPolicy`) behind an `@`. */
  readonly fields: Readonly<Record<string, Json>>;
}

/** Every stack has these, always the same: the CDK's check that the account is bootstrapped. */
const constant = new Set(['Parameters/BootstrapVersion', 'Rules/CheckBootstrapVersion']);

/** All that a template says, but for the constant part and the CDK's notes to itself in Metadata. */
export function entriesOf(template: Template = {}): Entry[] {
  const { Resources = {}, ...sections } = template;
  const resources = Object.entries(Resources).map(([logicalId, resource]) =>
    resourceEntry(logicalId, resource),
  );
  const others = Object.entries(sections).flatMap(([section, content]) => sectionEntries(section, content));
  return [...resources, ...others].filter(({ id }) => !constant.has(id));
}

function resourceEntry(logicalId: string, resource: Resource): Entry {
  const { Type, Properties = {}, Metadata = {}, ...attributes } = resource;
  const path = constructPath(resource);
  const metadata = Object.entries(Metadata).filter(([key]) => !/^(aws:|cdk_nag$)/.test(key));
  const beside = { ...attributes, ...(metadata.length > 0 && { Metadata: Object.fromEntries(metadata) }) };
  const marked = Object.entries(beside).map(([name, value]) => [`@${name}`, value] as const);
  return {
    id: `Resources/${logicalId}`,
    title: `${Type}  ${logicalId}${path && `  (${path})`}`,
    fields: { ...Object.fromEntries(marked), ...Properties },
  };
}

function sectionEntries(section: string, content: unknown): Entry[] {
  if (!isObject(content)) return [{ id: section, title: section, fields: { [section]: content as Json } }];
  return Object.entries(content).map(([name, value]) => ({
    id: `${section}/${name}`,
    title: `${section.replace(/s$/, '')}  ${name}`,
    fields: isObject(value) ? value : { Value: value },
  }));
}
