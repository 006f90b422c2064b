import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import type { Sql, Statements } from '../../lambda/shared/sql/sql';

/** A statement of SQL, or a part with a SELECT of its own, as it stands in a source. */
interface WrittenStatement {
  readonly file: string;
  readonly text: string;
  /** Matches each statement that it can become. */
  readonly pattern: RegExp;
}

const IS_SQL = /^\s*\(?(SELECT|INSERT INTO|UPDATE|DELETE FROM)\s/;

/** Every statement that stands in the TypeScript files of a folder. */
export function statementsIn(folder: string): WrittenStatement[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return files.sort().flatMap((file) =>
    textsIn(parseSync(readFileSync(join(folder, file), 'utf8'), { syntax: 'typescript' }))
      .filter(([start = '']) => IS_SQL.test(start))
      .map((parts) => ({ file, text: oneLine(parts.join('…')), pattern: patternOf(parts) })),
  );
}

/** Texts of a syntax tree: one part each, or those between the values of a template. */
function textsIn(node: unknown): string[][] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(textsIn);
  const { type, value, quasis } = node as { type?: string; value?: string; quasis?: { cooked: string }[] };
  const own =
    type === 'StringLiteral'
      ? [[value ?? '']]
      : type === 'TemplateLiteral'
        ? [(quasis ?? []).map(({ cooked }) => cooked)]
        : [];
  return [...own, ...Object.values(node).flatMap(textsIn)];
}

const patternOf = (parts: readonly string[]): RegExp =>
  new RegExp(parts.map((part) => oneLine(part).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*'));

/** So that line breaks and indentation do not matter, nor spaces at the ends. */
const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/** A schema that notes each statement, on one line, before it is sent. */
export function noting(sql: Sql, note: (statement: string) => void): Sql {
  const statements = ({ query, execute }: Statements): Statements => ({
    query: (statement, values) => {
      note(oneLine(statement));
      return query(statement, values);
    },
    execute: (statement, values) => {
      note(oneLine(statement));
      return execute(statement, values);
    },
  });
  return {
    ...sql,
    ...statements(sql),
    transaction: (work) => sql.transaction((tx) => work(statements(tx))),
    exclusively: (name, work) => sql.exclusively(name, (session) => work(statements(session))),
  };
}
