import type { Templates } from '../cloudformation';
import { type End, portRules } from '../ports';
import { keyOf } from '../resolve-references';
import type { DiagramNode } from './model';
import { spaced } from './text-format';

/** The users of an endpoint by port, as lines of its box, since arrows for all of them would clutter the diagram. */
export function endpointUsers(endpoint: DiagramNode, templates: Templates): string[] {
  const isEndpoint = ({ name, declared }: End) =>
    name === `${endpoint.title} (prefix list)` ||
    (declared !== undefined && endpoint.securityGroups.includes(keyOf(declared)));
  const users = new Map<string, Set<string>>();
  for (const { from, to, port } of portRules(templates)) {
    if (!isEndpoint(from) && !isEndpoint(to)) continue;
    const { start, peer } = isEndpoint(to)
      ? { start: `${port} from`, peer: from }
      : { start: `${port} to`, peer: to };
    const names = users.get(start) ?? new Set();
    users.set(start, names.add(spaced(peer.name.split('/').at(-1) ?? '')));
  }
  return [...users].map(([start, names]) => `${start} ${[...names].join(', ')}`);
}
