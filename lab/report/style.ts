/** The style sheet of the page. Colour-blind people can distinguish its colours, in both schemes. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1d2433; --soft: #5b6475; --line: #d9dee7; --paper: #fff; --box: #f5f7fa; --bad: #b3261e; --good: #1a6e3c;
  --c0: #2f6fb3; --c1: #d9822b; --c2: #3a9a6d; --c3: #a4508b; --c4: #8a6d3b; --c5: #5b6fd6; --c6: #c24d4d; --c7: #7a8699; --c8: #1f9e9e; --c9: #b8a100; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf2; --soft: #9aa5b8; --line: #333c4d; --paper: #131821; --box: #1b222e; --bad: #ff9a92; --good: #7fd6a2;
  --c0: #6aa8ea; --c1: #f0a860; --c2: #69c79b; --c3: #d48ac0; --c4: #c5a772; --c5: #98a8ff; --c6: #ec8b8b; --c7: #a7b2c4; --c8: #5fd0d0; --c9: #e0cf4f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 16px 64px; }
h1 { font-size: 1.8rem; margin: 0 0 4px; } h2 { margin: 48px 0 8px; border-top: 1px solid var(--line); padding-top: 24px; } h3 { margin: 24px 0 8px; font-size: 1rem; }
.soft { color: var(--soft); } .lead { font-size: 1.15rem; } .bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); font-weight: 600; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr)); gap: 8px 24px; }
figure { margin: 0; } figcaption { font-weight: 600; margin: 16px 0 4px; }
svg { width: 100%; height: auto; display: block; background: var(--box); border-radius: 8px; padding: 6px; }
svg text { fill: var(--ink); font-size: 12px; } svg .tick { fill: var(--soft); } svg .axis { fill: var(--soft); } .end { text-anchor: end; } .middle { text-anchor: middle; }
.grid { stroke: var(--line); } .limit { stroke: var(--bad); stroke-dasharray: 4 4; } .line { fill: none; stroke-width: 2; }
${Array.from({ length: 10 }, (_, at) => `.fill.c${at} { fill: var(--c${at}); } .line.c${at} { stroke: var(--c${at}); } i.c${at} { background: var(--c${at}); }`).join('\n')}
.legend { margin: 6px 0 0; font-size: 0.85rem; color: var(--soft); } .legend span { margin-right: 14px; white-space: nowrap; } .legend i { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 5px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; } td, th { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: right; } td:first-child, th:first-child, .words td, .words th { text-align: left; }
.flame text { font-size: 11px; fill: #12161d; pointer-events: none; } .flame .ours rect { fill: #f0a860; } .flame .package rect { fill: #8fb8e6; } .flame .node rect { fill: #c9cfd9; }
pre { background: var(--box); border-radius: 8px; padding: 12px; overflow-x: auto; font-size: 0.85rem; }
`;
