import type { Point } from './elk-layout';

interface Text {
  readonly at: Point;
  readonly size: number;
  readonly className?: string;
  readonly anchor?: 'middle';
  /** Upwards. */
  readonly isTurned?: boolean;
}

export function rect([x, y]: Point, width: number, height: number, className: string): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" class="${className}"/>`;
}

export function text(words: string, { at: [x, y], size, className, anchor, isTurned }: Text): string {
  const attributes = [
    `x="${x}" y="${y}" font-size="${size}"`,
    ...(className ? [`class="${className}"`] : []),
    ...(anchor ? [`text-anchor="${anchor}"`] : []),
    ...(isTurned ? [`transform="rotate(-90 ${x} ${y})"`] : []),
  ];
  return `<text ${attributes.join(' ')}>${escaped(words)}</text>`;
}

export function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
