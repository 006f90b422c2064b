import { flameGraph, framesOf, mainFrames } from '../../../lab/profile/flame-graph';

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  ...{ id, children },
  callFrame: { functionName, url, lineNumber: 9, columnNumber: 0 },
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

  it('shows a function without a name by its file', () => {
    const frame = (name: string) => ({ name, us: 1, children: [] });
    const labels = [
      '(anonymous) lambda/shared/sql/mysql.ts:2',
      '(anonymous) @hono/node-server',
      '#write mysql2',
    ];
    const shown = labels.map((name) => />([^<>]+)<\/text>/.exec(flameGraph(frame(name)))?.[1]);
    expect(shown).toEqual(['mysql.ts', '@hono/node-server', '#write']);
    expect(labels.map((name) => /class="(\w+)"><title/.exec(flameGraph(frame(name)))?.[1])).toEqual([
      'ours',
      'package',
      'package',
    ]);
  });

  it('is reduced to the wide frames, and to those that do more than pass on, or enter our code', () => {
    const frame = (name: string, us: number, ...children: ReturnType<typeof framesOf>[]) => ({
      ...{ name, us, children },
    });
    const whole = frame(
      'all',
      100,
      frame(
        'tick node:a:1',
        97,
        frame(
          'run hono',
          95,
          frame(
            'ours lambda/a.ts:1',
            94,
            frame('ours lambda/a.ts:1', 94, frame('send mysql2', 93, frame('write node:b:1', 60))),
          ),
        ),
      ),
      frame('rare node:c:1', 1),
    );
    expect(mainFrames(whole)).toEqual(
      frame(
        'all',
        100,
        frame('ours lambda/a.ts:1', 94, frame('send mysql2', 93, frame('write node:b:1', 60))),
      ),
    );
  });
});
