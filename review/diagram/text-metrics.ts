export const fontSize = { title: 14, line: 12.5, label: 12 } as const;

/** An estimate of the width in a browser with the widest of the usual fonts; no font metrics are available here. */
function textWidth(text: string, size: number): number {
  const widths = [...text].map((letter) => {
    if (/[iljtfI.,:;'| ]/.test(letter)) return 0.36;
    return /[A-Zmw%]/.test(letter) ? 0.82 : 0.62;
  });
  return widths.reduce((sum, width) => sum + width, 0) * size;
}

export function lineWidth(text: string): number {
  return textWidth(text, fontSize.line);
}

/** Titles are bold. */
export function titleWidth(text: string): number {
  return textWidth(text, fontSize.title) * 1.1;
}

export function labelWidth(text: string): number {
  return textWidth(text, fontSize.label);
}

/** Wraps words into lines of at most `width` pixels; a longer word gets its own line. */
export function wrap(text: string, width: number, widthOf: (line: string) => number = lineWidth): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
