/** The colours of a category. All of its drawings use only these, so that they match. */
export interface Palette {
  readonly sky: string;
  readonly floor: string;
  readonly main: string;
  readonly dark: string;
  readonly light: string;
  readonly accent: string;
  readonly cream: string;
  readonly ink: string;
}

/** Draws one product on a canvas of 400 by 400 that stands on the line y = 310. */
export type Drawing = (colours: Palette) => string[];

export const circle = (x: number, y: number, r: number, fill: string): string =>
  `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"/>`;

export const oval = (x: number, y: number, rx: number, ry: number, fill: string): string =>
  `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" fill="${fill}"/>`;

export const box = (x: number, y: number, width: number, height: number, fill: string, round = 0): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round}" fill="${fill}"/>`;

/** A filled path. */
export const shape = (d: string, fill: string): string => `<path d="${d}" fill="${fill}"/>`;

/** A line with round ends. */
export const line = (d: string, colour: string, width: number): string =>
  `<path d="${d}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"/>`;

export const turned = (degrees: number, x: number, y: number, parts: readonly string[]): string =>
  `<g transform="rotate(${degrees} ${x} ${y})">${parts.join('')}</g>`;
