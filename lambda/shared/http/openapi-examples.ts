/** The parts of an OpenAPI 3.1 document that examples need. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
}

interface Media {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: unknown;
}

type Schemas = Readonly<Record<string, Schema>>;

/**
 * A copy of an OpenAPI document in which every body has an example: its own, or one composed of its fields' examples.
 * Patterns lose the flags that the library writes, since patterns in JSON Schema have none.
 */
export function withExamples<Document extends object>(document: Document): Document {
  const { components } = document as { components?: { schemas?: Schemas } };
  const schemas = components?.schemas ?? {};
  const copy = (key: string, value: unknown): unknown => {
    if (key === 'pattern' && typeof value === 'string') return value.replace(/\/[a-z]+$/, '');
    return key === 'content' ? illustrated(value as Record<string, Media>, schemas) : value;
  };
  return JSON.parse(JSON.stringify(document, copy));
}

const illustrated = (content: Readonly<Record<string, Media>>, schemas: Schemas) =>
  Object.fromEntries(
    Object.entries(content).map(([type, media]) => {
      const given = 'example' in media || 'examples' in media || !media.schema;
      return [type, given ? media : { ...media, example: exampleOf(media.schema, schemas) }];
    }),
  );

/** An example value of a schema; undefined if one of its parts has no example. */
export function exampleOf(schema: Schema, schemas: Schemas): unknown {
  if ('example' in schema) return schema.example;
  const { $ref, oneOf, enum: values, items, properties } = schema;
  if ($ref) return exampleOf(schemas[$ref.split('/').at(-1) ?? ''] ?? {}, schemas);
  if (oneOf?.[0]) return exampleOf(oneOf[0], schemas);
  if (values) return values[0];
  if (items) return [exampleOf(items, schemas)];
  if (!properties) return undefined;
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, exampleOf(property, schemas)]),
  );
}
