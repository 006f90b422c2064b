/** The paper: what fits a README, in pixels. */
export const sheet = { width: 960, margin: 20 } as const;

/** From the left: the network, the gutter in which arrows go down beside it, and AWS outside of the network. */
export const network = { left: 20, right: 676 } as const;
export const gutter = { left: 682, right: 742 } as const;
export const region = { left: 746, right: 940 } as const;

/** Between arrows that go side by side. */
export const LANE = 9;

export const font = { title: 14, line: 12.5, label: 12 } as const;

/** About as wide as a browser draws it with the widest of the usual fonts; nothing measures text here. */
export function textWidth(text: string, size: number): number {
  const widths = [...text].map((letter) => {
    if (/[iljtfI.,:;'| ]/.test(letter)) return 0.36;
    return /[A-Zmw%]/.test(letter) ? 0.82 : 0.62;
  });
  return widths.reduce((sum, width) => sum + width, 0) * size;
}

export function lineWidth(text: string): number {
  return textWidth(text, font.line);
}

/** Titles are bold. */
export function titleWidth(text: string): number {
  return textWidth(text, font.title) * 1.1;
}

/** Words in lines of at most so many pixels. */
export function wrap(text: string, width: number, widthOf: (line: string) => number = lineWidth): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
