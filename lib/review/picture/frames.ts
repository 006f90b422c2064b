import type { Heights, Span } from './heights';
import type { Layout } from './layout';
import { font, network, region, sheet } from './sheet';
import { rect, text } from './svg';

/** What lies under the boxes: the network with its tiers, what is beside it, and the names of the rows above it. */
export function frames(name: string, { rows, heights }: Layout): string[] {
  return [
    ...networkFrame(name, heights),
    ...(rows.region.length > 0 ? regionFrame(heights.region) : []),
    ...rows.rows.flatMap(({ tier, placed }, row) => {
      if (tier !== '') return [];
      const said = placed[0]?.part.band === 'people' ? 'outside' : 'edge of AWS';
      return [
        text(said, {
          at: [sheet.margin, middleOf(heights.rows[row] as Span) + 4],
          size: font.line,
          className: 'soft',
        }),
      ];
    }),
  ];
}

function networkFrame(name: string, { network: frame, tiers }: Heights): string[] {
  const turned = { size: font.line, anchor: 'middle', turned: true } as const;
  return [
    rect([network.left, frame.top], network.right - network.left, frame.bottom - frame.top, 'outer'),
    text(name, { ...turned, at: [network.left + 17, middleOf(frame)], className: 'strong' }),
    ...[...tiers].flatMap(([tier, span]) => [
      rect([network.left + 26, span.top], network.right - network.left - 32, span.bottom - span.top, 'tier'),
      text(tier === 'ways' ? 'ways out' : `${tier} subnets`, {
        ...turned,
        at: [network.left + 42, middleOf(span)],
        className: 'soft',
      }),
    ]),
  ];
}

function regionFrame({ top, bottom }: Span): string[] {
  return [
    rect([region.left, top], region.right - region.left, bottom - top, 'outer'),
    ...['AWS, outside of', 'the network'].map((line, index) =>
      text(line, { at: [region.left + 10, top + 20 + index * 16], size: font.line, className: 'strong' }),
    ),
  ];
}

function middleOf({ top, bottom }: Span): number {
  return Math.round((top + bottom) / 2);
}
