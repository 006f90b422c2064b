import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { phases } from '../../lib/phases';
import { synthesized } from '../phases/synthesized';

const root = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** The rows of the table: commands, executor, rights, this machine. */
const rows = read('docs/commands.md')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(' | '))
  .map(([commands = '', executor = '', rights = '', here = '']) => ({
    commands: words(commands),
    executor,
    rights,
    here,
  }));
function words(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}
const deployed = rows.filter(({ executor }) => executor !== '–');

test('every command has one row', () => {
  expect(rows.flatMap(({ commands }) => commands).sort()).toEqual(Object.keys(scripts).sort());
});

test('commands for a deployed shop take the region and the name of a shop, and say how they are used', () => {
  expect(deployed.length).toBeGreaterThan(5);
  for (const { commands } of deployed) {
    for (const command of commands) {
      const [, file = ''] = /(bin\/\S+)/.exec(scripts[command] ?? '') ?? [];
      expect([command, read(file)]).toEqual([command, expect.stringMatching(/--region|-c name=value/)]);
    }
  }
});

test('"--local" is in the usage of those commands, and of no others, that have a shop on this machine', () => {
  for (const { commands, here } of deployed) {
    const [command = ''] = commands;
    const [, file = ''] = /(bin\/\S+)/.exec(scripts[command] ?? '') ?? [];
    expect([command, read(file).includes('--local')]).toEqual([command, here.includes('--local')]);
  }
});

test('every function that executes a command is an output of a phase, and in the network where it needs the database', () => {
  const named = deployed.flatMap(({ executor }) =>
    words(executor).filter((word) => word.endsWith('FunctionName')),
  );
  expect(named.length).toBe(7);
  const last = phases.at(-1)?.number ?? 0;
  const { Resources = {}, Outputs = {} } = synthesized(last, 'everything').templates['Shop-Data'] ?? {};
  for (const output of named) {
    const { Value } = (Outputs[output] ?? {}) as { Value?: { Ref: string } };
    const { Type, Properties } = Resources[Value?.Ref ?? ''] ?? {};
    expect([output, Type, Properties?.VpcConfig !== undefined]).toEqual([
      output,
      'AWS::Lambda::Function',
      output !== 'WarehouseFunctionName',
    ]);
  }
});

test('a command that calls a function needs the right to invoke it; no other one has that right', () => {
  for (const { executor, rights } of deployed)
    expect([executor, rights.includes('lambda:InvokeFunction')]).toEqual([
      executor,
      executor.includes('FunctionName'),
    ]);
});

test('staff and stock are asked for through functions from phase 2 on, when the box stops to have the data', () => {
  for (const { number, database } of phases) {
    const outputs = synthesized(number).templates['Shop-Data']?.Outputs ?? {};
    for (const output of ['StaffFunctionName', 'StockAuditFunctionName', 'RebuildFunctionName'])
      expect([number, output in outputs]).toEqual([number, database.placement === 'aurora']);
  }
});
