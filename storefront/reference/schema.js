import { h } from '../app/dom.js';

export function resolved(schema, api) {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : api.components.schemas[name];
}

/** The fields of an object, or of the objects in a list, each with its type and limits. */
export function schemaView(schema, api) {
  if (schema.oneOf) {
    return h(
      'div',
      {},
      ...schema.oneOf.flatMap((one, n) => [
        h('p', { class: 'fine' }, n ? 'or' : 'Either'),
        schemaView(one, api),
      ]),
    );
  }
  if (schema.items) return schemaView(resolved(schema.items, api), api);
  const { properties, required = [] } = schema;
  if (!properties) return h('p', {}, ...wordsFor(schema, api));
  return h(
    'dl',
    { class: 'fields' },
    ...Object.entries(properties).flatMap(([name, property]) => {
      const inner = resolved(property, api);
      const element = inner.items ? resolved(inner.items, api) : inner;
      return [
        h(
          'dt',
          {},
          h('code', {}, name),
          !required.includes(name) && h('span', { class: 'fine' }, ' optional'),
        ),
        h(
          'dd',
          {},
          inner.description && h('p', {}, inner.description),
          h('p', {}, ...wordsFor(property, api)),
          (element.properties || element.oneOf) && schemaView(element, api),
        ),
      ];
    }),
  );
}

const FORMATS = { uuid: 'UUID', 'date-time': 'date and time', email: 'email', password: 'password' };
const TYPES = {
  string: 'string',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  object: 'object',
  null: 'null',
};

/** The type and limits of a value in words. Patterns are shown as they are. */
export function wordsFor(property, api) {
  const schema = resolved(property, api);
  const {
    type,
    format,
    enum: values,
    items,
    minimum,
    maximum,
    minLength,
    maxLength,
    minItems,
    maxItems,
    pattern,
  } = schema;
  if (schema.default !== undefined) {
    const { default: usual, ...rest } = schema;
    return [...wordsFor(rest, api), `, default ${usual}`];
  }
  if (values) return values.flatMap((value, n) => [n ? ' or ' : '', h('code', {}, String(value))]);
  if (items) {
    const many = resolved(items, api).properties ? ['objects'] : wordsFor(items, api);
    return ['list of ', between(minItems, maxItems), ...many];
  }
  const kind =
    FORMATS[format] ??
    [type]
      .flat()
      .map((name) => TYPES[name] ?? 'anything')
      .join(' or ');
  return [
    kind,
    minimum !== undefined || maximum !== undefined ? `, ${between(minimum, maximum).trim()}` : '',
    minLength !== undefined || maxLength !== undefined ? `, ${between(minLength, maxLength)}characters` : '',
    ...(pattern ? [', matching ', h('code', { class: 'pattern' }, pattern)] : []),
  ];
}

const number = (value) => value.toLocaleString('en');

function between(least, most) {
  if (least !== undefined && most !== undefined) return `${number(least)} to ${number(most)} `;
  if (least !== undefined) return `at least ${number(least)} `;
  return most === undefined ? '' : `at most ${number(most)} `;
}
