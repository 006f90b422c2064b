import type { Phase } from '../../phases';
import type { Templates } from '../cloudformation';
import { draw } from './draw';
import { flowsOf } from './flows';
import type { Model, Part } from './model';
import { flowId, type News, zoneId } from './news';
import { networkOf, partsOf, tiersOf } from './parts';
import { usersOf } from './ways-out';

/** A phase, and the templates of the one before it if there is one. */
export interface Pictured extends Pick<Phase, 'number' | 'title' | 'users' | 'bottleneck'> {
  readonly templates: Templates;
  readonly before: Templates | undefined;
}

/** The picture of a phase, from its templates alone: an SVG document for docs/pictures. */
export function picture({ number, title, users, bottleneck, templates, before }: Pictured): string {
  const model = modelOf(templates);
  const old = before && modelOf(before);
  const gone = (old?.parts ?? []).filter(({ key }) => model.parts.every((part) => part.key !== key));
  return draw(model, {
    title: `Phase ${number}: ${title}`,
    subtitle: `Users: ${users}. The bottleneck that leads here: ${bottleneck}.`,
    description: described(model),
    news: newsOf(model, old),
    notes: [
      'Numbers are ports. What no arrow and no line of the ways out opens is closed. Dashed: no connection, but what leads to, checks or holds what.',
      ...(old
        ? ['“new” and thick lines: what the phase before did not have. “changed”: what it had otherwise.']
        : []),
      ...(gone.length > 0 ? [`Gone: ${gone.map((part) => part.title).join(', ')}.`] : []),
    ],
  });
}

/** What a picture shows of some templates. */
export function modelOf(templates: Templates): Model {
  const parts = partsOf(templates);
  return {
    parts: parts.map((part) =>
      part.band === 'ways' ? { ...part, lines: [...part.lines, ...usersOf(part, templates)] } : part,
    ),
    flows: flowsOf(templates, parts),
    tiers: tiersOf(templates),
    network: networkOf(templates),
  };
}

/** What stands out: parts that are new or were otherwise, zones that something has come to, arrows that are new. */
export function newsOf({ parts, flows }: Model, old: Model | undefined): News {
  if (!old) return { added: new Set(), changed: new Set() };
  const known = new Map(old.parts.map((part) => [part.key, part]));
  const knownFlows = new Set(old.flows.map(flowId));
  const newZones = parts.flatMap(({ key, zones = [] }) => {
    const had = known.get(key)?.zones ?? zones;
    return zones.flatMap((zone, index) => (zone !== '' && had[index] !== zone ? [zoneId(key, index)] : []));
  });
  const looks = ({ title, lines, zones }: Part) => JSON.stringify([title, lines, zones]);
  return {
    added: new Set([
      ...parts.map(({ key }) => key).filter((key) => !known.has(key)),
      ...flows.map(flowId).filter((id) => !knownFlows.has(id)),
      ...newZones,
    ]),
    changed: new Set(
      parts.flatMap((part) => {
        const was = known.get(part.key);
        return was && looks(was) !== looks(part) ? [part.key] : [];
      }),
    ),
  };
}

function described({ parts, flows }: Model): string {
  const title = (key: string) => parts.find((part) => part.key === key)?.title ?? key;
  const boxes = parts.map(({ title: name, lines, zones = [] }) => {
    const where = zones.filter((zone) => zone !== '').join(', ');
    return `${[name, ...lines].join(', ')}${where && ` (${where})`}.`;
  });
  const arrows = flows.map(
    ({ from, to, label }) => `${title(from)} to ${title(to)}${label && ` (${label})`}`,
  );
  return `${boxes.join(' ')} Arrows: ${arrows.join('; ')}.`;
}
