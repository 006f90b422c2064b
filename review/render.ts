import { isObject, type Json } from './cloudformation';

/** Maximum length of a value on one line. */
const LINE = 110;

/**
 * A JSON value as YAML-like lines: short values stay on one line, CloudFormation's functions are short (`!Ref Box`,
 * `!Join "arn:${!Ref AWS::Partition}:s3"`), multiline text is kept. Values that differ in more than asset hashes never
 * render the same.
 */
export function render(value: Json, indent = ''): string[] {
  const flat = inline(value);
  if (!flat.includes('\\n') && indent.length + flat.length <= LINE) return [indent + flat];
  return block(value, indent);
}

/** `key: value`, with the value below the key if it does not fit beside it. */
export function renderEntry(key: string, value: Json, indent = ''): string[] {
  const head = `${indent}${plain(key)}:`;
  const [first = '', ...rest] = render(value, `${indent}  `);
  const fits = rest.length === 0 && head.length + first.trimStart().length < LINE;
  if (fits) return [`${head} ${first.trimStart()}`];
  return below(head, [first, ...rest]);
}

/** The value on one line of any length. */
export function inline(value: Json): string {
  if (typeof value === 'string') return plain(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (!isObject(value)) return String(value);
  const call = intrinsic(value);
  if (call) return `!${call.name} ${call.text === undefined ? inline(call.argument) : textOf(call.text)}`;
  const entries = Object.entries(value).map(([key, inner]) => `${plain(key)}: ${inline(inner)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** Replaces the hashes of assets and of resources that are named after their content. */
function withoutHashes(text: string): string {
  return text.replace(/\b[0-9a-f]{64}\b/g, '<asset>');
}

interface Call {
  readonly name: string;
  readonly argument: Json;
  /** For a concatenation: its parts in one text, `${!Ref X}` where something is put in. */
  readonly text?: string;
}

function block(value: Json, indent: string): string[] {
  if (typeof value === 'string') return blockText(value, indent, '');
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const [first = '', ...rest] = render(item, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...rest];
    });
  }
  if (!isObject(value)) return [indent + String(value)];
  const call = intrinsic(value);
  if (!call) return Object.entries(value).flatMap(([key, inner]) => renderEntry(key, inner, indent));
  if (call.text !== undefined) return blockText(call.text, indent, `!${call.name} `);
  return below(`${indent}!${call.name}`, render(call.argument, `${indent}  `));
}

/** Puts lines under a head; the mark that opens long text (`!Base64 |`) joins the head. */
function below(head: string, [first = '', ...rest]: string[]): string[] {
  return /^\s*(!\S+ )*\|$/.test(first) ? [`${head} ${first.trimStart()}`, ...rest] : [head, first, ...rest];
}

function blockText(text: string, indent: string, tag: string): string[] {
  if (!text.includes('\n')) return [`${indent}${tag}${textOf(text)}`];
  const lines = withoutHashes(text).split('\n');
  return [`${indent}${tag}|`, ...lines.map((line) => (line === '' ? '' : `${indent}  ${line}`))];
}

function intrinsic(value: Readonly<Record<string, Json>>): Call | undefined {
  const [[key, argument] = ['', null], ...more] = Object.entries(value);
  if (more.length > 0) return undefined;
  if (key === 'Ref') return { name: 'Ref', argument };
  if (!key.startsWith('Fn::')) return undefined;
  const name = key.slice('Fn::'.length);
  if (name === 'GetAtt' && Array.isArray(argument) && argument.every((part) => typeof part === 'string')) {
    return { name, argument: argument.join('.') };
  }
  const parts = name === 'Join' && Array.isArray(argument) && argument[0] === '' ? argument[1] : undefined;
  if (!Array.isArray(parts)) return { name, argument };
  const text = parts
    .map((part) => (typeof part === 'string' ? literal(part) : `\${${inline(part)}}`))
    .join('');
  return { name, argument, text };
}

/** A shell script's own `${` becomes `$${`: an even number of dollars is text, an odd one is filled in. */
function literal(text: string): string {
  return text.replace(/\$+(?=\{|$)/g, '$&$&');
}

/** Unambiguous text as it is, anything else as JSON. */
function plain(text: string): string {
  const shown = withoutHashes(text);
  const clear = /^[\w/*@][\w/.@*+=-]*(( |:{1,3})[\w/.@*+=-]+)*$/.test(shown.replaceAll('<asset>', 'asset'));
  const typed = /^(true|false|null)$/.test(text) || !Number.isNaN(Number(text));
  return clear && !typed ? shown : textOf(shown);
}

function textOf(text: string): string {
  return JSON.stringify(withoutHashes(text));
}
