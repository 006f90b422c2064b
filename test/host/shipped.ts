import { readFileSync } from 'node:fs';

interface Collected {
  readonly file_path: string;
  readonly filters?: readonly { readonly type: 'include' | 'exclude'; readonly expression: string }[];
}

/**
 * The lines of a file that the log agent with this configuration sends on, by its filters (it has no other effect on
 * them).
 */
export function shippedLines(agentConfiguration: string, file: string, root: string): string[] {
  const { logs } = JSON.parse(readFileSync(agentConfiguration, 'utf8'));
  const collected: readonly Collected[] = logs.logs_collected.files.collect_list;
  const { filters = [] } = collected.find(({ file_path }) => file_path === file) ?? {};
  return readFileSync(root + file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .filter((line) =>
      filters.every(({ type, expression }) => new RegExp(expression).test(line) === (type === 'include')),
    );
}

/** The processes that a process has started and that still run. */
export function workersOf(pid = 0): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').map(Number);
}
