import { flameGraph, framesOf } from '../../../lab/profile/flame-graph';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  ...{ id, children },
  callFrame: { functionName, url, lineNumber: 9 },
});

const profile = {
  nodes: [
    node(1, '(root)', '', [2, 3, 6]),
    node(2, '(idle)', ''),
    node(3, 'serve', 'file:///shop/lambda/shared/http/serve.ts', [4, 5]),
    node(4, 'execute', 'file:///shop/node_modules/mysql2/lib/a.js'),
    node(5, 'execute', 'file:///shop/node_modules/mysql2/lib/b.js'),
    node(6, 'rare<T>', 'node:fs'),
  ],
  samples: [2, 3, 4, 5, 6],
  timeDeltas: [9000, 1000, 500, 1500, 1000],
};

describe('a flame graph', () => {
  it('is as wide as the time that was worked, and names where without where the repository lies', () => {
    expect(framesOf(profile, '/shop')).toEqual({
      name: 'all',
      us: 4000,
      children: [
        {
          name: 'serve lambda/shared/http/serve.ts:10',
          us: 3000,
          children: [{ name: 'execute mysql2', us: 2000, children: [] }],
        },
        { name: 'rare<T> node:fs:10', us: 1000, children: [] },
      ],
    });
  });

  it('leaves out frames that are too narrow to see', () => {
    expect(framesOf(profile, '/shop', 0.3).children.map(({ us }) => us)).toEqual([3000]);
  });

  it('draws each frame once, below who called it, with its share', () => {
    const svg = flameGraph(framesOf(profile, '/shop'));
    expect(svg.match(/<rect /g)).toHaveLength(4);
    expect(svg).toContain(
      '<g class="ours"><title>serve lambda/shared/http/serve.ts:10, 75.0 %</title><rect x="0.0" y="18"',
    );
    expect(svg).toContain('rare&lt;T&gt; node:fs:10, 25.0 %');
  });
});
