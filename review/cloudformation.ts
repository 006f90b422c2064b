/** CloudFormation templates as plain JSON, without constructs. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, Json>>;
  readonly Metadata?: Readonly<Record<string, Json>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly [attribute: string]: Json | undefined;
}

interface Output {
  readonly Value: Json;
  readonly Export?: { readonly Name: Json };
  readonly [attribute: string]: Json | undefined;
}

export interface Template {
  readonly Resources?: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, Output>>;
  readonly [section: string]: unknown;
}

/** Stack name to template: one phase, synthesized. */
export type Templates = Readonly<Record<string, Template>>;

/** A use of another resource of the same template; no attribute for `Ref`. */
interface Reference {
  readonly logicalId: string;
  readonly attribute?: string;
}

/** The construct path of a resource (`Shop-Data/Volume`), or '' if the template does not contain it. */
export function constructPath(resource: Resource | undefined): string {
  const path = resource?.Metadata?.['aws:cdk:path'];
  return typeof path === 'string' ? path.replace(/(\/(Resource|Default))+$/, '') : '';
}

export function isCustom(type: string): boolean {
  return type.startsWith('Custom::') || type === 'AWS::CloudFormation::CustomResource';
}

export function isObject(value: unknown): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every resource, parameter or pseudo parameter that a value refers to, in reading order. */
export function references(value: unknown): Reference[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return [{ logicalId: inner }];
    if (key === 'Fn::GetAtt') return [attributeOf(inner)];
    if (key === 'Fn::Sub') return [...substitutions(inner), ...references(inner)];
    return references(inner);
  });
}

/** Export name to exported value. Names that are not plain text are kept as JSON. */
export function exportsOf(template: Template | undefined): Map<string, Json> {
  const named = Object.values(template?.Outputs ?? {}).flatMap(({ Value, Export }) =>
    Export ? [[exportName(Export.Name), Value] as const] : [],
  );
  return new Map(named);
}

/** Export names that some part of a template imports. */
export function importsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(importsOf);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'Fn::ImportValue' ? [exportName(inner)] : importsOf(inner),
  );
}

function exportName(name: Json): string {
  return typeof name === 'string' ? name : JSON.stringify(name);
}

/** `["Box", "Arn"]` or its short form `"Box.Arn"`. */
function attributeOf(target: Json): Reference {
  const [logicalId = '', ...attribute] = Array.isArray(target)
    ? target.map(String)
    : String(target).split('.');
  return { logicalId, attribute: attribute.join('.') };
}

/** `Fn::Sub` names what it uses inside its text: `${Box}` and `${Box.Arn}`, but not `${!literal}`. */
function substitutions(sub: Json): Reference[] {
  const text = Array.isArray(sub) ? sub[0] : sub;
  const own = Array.isArray(sub) && isObject(sub[1]) ? sub[1] : {};
  return [...String(text).matchAll(/\$\{([^!}][^}]*)\}/g)]
    .map(([, name = '']) => name)
    .filter((name) => !(name in own))
    .map((name) => (name.includes('.') ? attributeOf(name) : { logicalId: name }));
}

/** True if two parts of templates are equal, regardless of the order of keys. */
export function isSame(one: unknown, other: unknown): boolean {
  return sorted(one) === sorted(other);
}

function sorted(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
