import { constructPath, isObject, type Json, type Resource, type Template } from './cloudformation';

/** A declaration of a template in readable form. */
export interface TemplateEntry {
  /** `Resources/Box`, unique in its template. */
  readonly id: string;
  /** `AWS::EC2::Volume  DataVolume  (Shop-Data/Volume)` */
  readonly title: string;
  /** Properties by name; attributes beside them (`DependsOn`, `DeletionPolicy`) have an `@` prefix. */
  readonly fields: Readonly<Record<string, Json>>;
}

/** The CDK's bootstrap check, which is the same in every stack. */
const constant = new Set(['Parameters/BootstrapVersion', 'Rules/CheckBootstrapVersion']);

/** All entries of a template, except for the bootstrap check and the CDK's own Metadata. */
export function templateEntries(template: Template = {}): TemplateEntry[] {
  const { Resources = {}, ...sections } = template;
  const resources = Object.entries(Resources).map(([logicalId, resource]) =>
    resourceEntry(logicalId, resource),
  );
  const others = Object.entries(sections).flatMap(([section, content]) => sectionEntries(section, content));
  return [...resources, ...others].filter(({ id }) => !constant.has(id));
}

function resourceEntry(logicalId: string, resource: Resource): TemplateEntry {
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

function sectionEntries(section: string, content: unknown): TemplateEntry[] {
  if (!isObject(content)) return [{ id: section, title: section, fields: { [section]: content as Json } }];
  return Object.entries(content).map(([name, value]) => ({
    id: `${section}/${name}`,
    title: `${section.replace(/s$/, '')}  ${name}`,
    fields: isObject(value) ? value : { Value: value },
  }));
}
