import type { Templates } from '../cloudformation';
import { keyOf } from '../declared';
import { type End, portRules } from '../ports';
import type { Part } from './model';
import { words } from './words';

/** Who uses a way out of the network, or the way to a shell, by which port: arrows for all of it would hide the rest. */
export function usersOf(way: Part, templates: Templates): string[] {
  const isWay = ({ name, declared }: End) =>
    name === `${way.title} (prefix list)` || (declared !== undefined && way.groups.includes(keyOf(declared)));
  const users = new Map<string, Set<string>>();
  for (const { from, to, port } of portRules(templates)) {
    const said = isWay(to) ? { start: `${port} from`, who: from } : { start: `${port} to`, who: to };
    if (!isWay(from) && !isWay(to)) continue;
    users.set(
      said.start,
      (users.get(said.start) ?? new Set()).add(words(said.who.name.split('/').at(-1) ?? '')),
    );
  }
  return [...users].map(([start, all]) => `${start} ${[...all].join(', ')}`);
}
