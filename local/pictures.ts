import { desk } from './pictures/desk';
import { garden } from './pictures/garden';
import { home } from './pictures/home';
import { kitchen } from './pictures/kitchen';
import { palettes } from './pictures/palettes';
import { play } from './pictures/play';
import { box, circle, type Drawing, oval, shape } from './pictures/shapes';
import { travel } from './pictures/travel';

type Category = keyof typeof palettes;

const drawings: Record<Category, Readonly<Record<string, Drawing>>> = {
  kitchen,
  desk,
  home,
  garden,
  travel,
  play,
};

/** The paths of all pictures: `/pictures/<category>/<drawing>.svg`. */
export const picturePaths: readonly string[] = Object.entries(drawings).flatMap(([category, things]) =>
  Object.keys(things).map((thing) => `/pictures/${category}/${thing}.svg`),
);

/**
 * The SVG at a path of `picturePaths`, deterministic; undefined for any other path.
 * Uses only presentation attributes, which a strict content security policy allows.
 */
export function picture(path: string): string | undefined {
  if (!picturePaths.includes(path)) return undefined;
  const [category = '', thing = ''] = path.slice('/pictures/'.length, -'.svg'.length).split('/');
  const colours = palettes[category as Category];
  const draw = drawings[category as Category][thing];
  if (!draw) return undefined;
  const parts = [
    ...backdrop(path, colours),
    oval(200, 314, 128, 13, mixed(colours.floor, colours.light)),
    ...draw(colours),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">${parts.join('')}</svg>\n`;
}

/** A wall with a sun or an arch, and a floor. The path determines the variant and its position. */
function backdrop(path: string, { sky, floor }: (typeof palettes)[Category]): string[] {
  const wall = mixed(sky, floor);
  const variant = [...path].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  const x = 150 + (variant % 101);
  const behind =
    variant % 2 === 0
      ? circle(x, 170 + (variant % 40), 118, wall)
      : shape(`M${x - 110} 300 L${x - 110} 176 A110 110 0 0 1 ${x + 110} 176 L${x + 110} 300 Z`, wall);
  return [box(0, 0, 400, 400, sky), behind, box(0, 298, 400, 102, floor)];
}

/** The mean of two `#rrggbb` colours. */
function mixed(one: string, other: string): string {
  const channel = (colour: string, at: number) => Number.parseInt(colour.slice(at, at + 2), 16);
  const half = [1, 3, 5].map((at) => Math.round((channel(one, at) + channel(other, at)) / 2));
  return `#${half.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
