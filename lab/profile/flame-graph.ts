import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CpuProfile } from './cpu-profile';

export interface Frame {
  readonly name: string;
  /** Microseconds in the function and its callees. */
  readonly us: number;
  readonly children: readonly Frame[];
}

const LEFT_OUT = new Set(['(idle)', '(program)', '(root)']);

/** The frames of a profile, the widest first, without waiting and without frames narrower than `least` of the whole. */
export function framesOf({ nodes, samples, timeDeltas }: CpuProfile, root: string, least = 0.003): Frame {
  const own = new Map<number, number>();
  for (const [at, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + (timeDeltas[at] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const frame = (id: number): Frame => {
    const node = byId.get(id);
    if (!node) throw new Error(`The profile has no node ${id}`);
    const children = merged((node.children ?? []).map(frame));
    const name = nameOf(node.callFrame, root);
    const self = LEFT_OUT.has(node.callFrame.functionName) ? 0 : (own.get(id) ?? 0);
    return { name, us: self + sumOf(children), children };
  };
  const first = nodes[0];
  if (!first) throw new Error('The profile is empty');
  const whole = frame(first.id);
  return pruned({ ...whole, name: 'all' }, whole.us * least);
}

/** A function that was optimized again, or is called from two places of one line, is one frame. */
function merged(frames: readonly Frame[]): Frame[] {
  const byName = new Map<string, Frame>();
  for (const frame of frames) {
    const same = byName.get(frame.name);
    byName.set(
      frame.name,
      same
        ? {
            name: frame.name,
            us: same.us + frame.us,
            children: merged([...same.children, ...frame.children]),
          }
        : frame,
    );
  }
  return [...byName.values()].sort((one, other) => other.us - one.us);
}

const pruned = ({ name, us, children }: Frame, least: number): Frame => ({
  name,
  us: Math.round(us),
  children: children.filter((child) => child.us >= least).map((child) => pruned(child, least)),
});

const sumOf = (frames: readonly Frame[]): number => frames.reduce((sum, { us }) => sum + us, 0);

/** The function and its place, relative to this repository. */
function nameOf(
  { functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame'],
  root: string,
): string {
  const name = functionName || '(anonymous)';
  if (!url) return name;
  const path = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url;
  const [, inPackage] = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return `${name} ${inPackage ?? `${path}:${lineNumber + 1}`}`;
}

/**
 * As many frames as a picture on a page has room for: none narrower than `least` of the whole, and none that only passes
 * on to another one, unless it is the first of ours there.
 */
export function mainFrames(frame: Frame, least = 0.02): Frame {
  const reduced = ({ name, us, children }: Frame): Frame => ({
    ...{ name, us },
    children: children.map(passedOn).map(reduced),
  });
  return reduced(pruned(frame, frame.us * least));
}

function passedOn(frame: Frame): Frame {
  const [only, ...others] = frame.children;
  if (!only || others.length > 0 || only.us < 0.9 * frame.us) return frame;
  return kindOf(frame.name) !== 'ours' || only.name === frame.name ? passedOn(only) : frame;
}

const ROW = 18;
export const WIDTH = 1000;

/** Draws SVG without colours: the page's style sheet has them, for both schemes. */
export function flameGraph(frame: Frame): string {
  const { boxes, height } = flameBoxes(frame);
  return `<svg class="flame" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Flame graph">${boxes.join('')}</svg>`;
}

/** A group for each frame, the whole above, `WIDTH` wide. Its class says whose it is: ours, package or node. */
export function flameBoxes(frame: Frame): { readonly boxes: readonly string[]; readonly height: number } {
  const boxes: string[] = [];
  const place = ({ name, us, children }: Frame, x: number, depth: number): void => {
    const width = (us / frame.us) * WIDTH;
    if (width < 1) return;
    const share = `${((us / frame.us) * 100).toFixed(1)} %`;
    const fits = Math.floor((width - 6) / 6.2);
    const label =
      fits < 3
        ? ''
        : `<text x="${x + 3}" y="${depth * ROW + 12.5}">${escaped(labelOf(name).slice(0, fits))}</text>`;
    boxes.push(
      `<g class="${kindOf(name)}"><title>${escaped(name)}, ${share}</title><rect x="${x.toFixed(1)}" y="${depth * ROW}" width="${(width - 0.5).toFixed(1)}" height="${ROW - 1}"/>${label}</g>`,
    );
    let at = x;
    for (const child of children) {
      place(child, at, depth + 1);
      at += (child.us / frame.us) * WIDTH;
    }
  };
  place(frame, 0, 0);
  return { boxes, height: (depthOf(frame) + 1) * ROW };
}

/** The function, or the file of one without a name. */
function labelOf(name: string): string {
  const [called = '', place] = name.split(' ');
  return called === '(anonymous)' && place
    ? place.replace(/^(?:node:|.*\/(?=[^/]+\.ts))|:\d+$/g, '')
    : called;
}

const depthOf = ({ children }: Frame): number =>
  children.length === 0 ? 0 : 1 + Math.max(...children.map(depthOf));

/** Ours, a package's, or Node's own. */
function kindOf(name: string): string {
  if (/ (lambda|local)\//.test(name)) return 'ours';
  return / node:|^\((?!anonymous)/.test(name) || !name.includes(' ') ? 'node' : 'package';
}

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
