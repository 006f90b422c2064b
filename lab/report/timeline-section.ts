import type { Bucket } from '../analysis/timeline';
import type { FaultResult } from '../faults/run-fault';
import { escaped } from '../profile/flame-graph';
import { type LineChart, lineChart } from './charts';

/** The effect of a fault on callers, second by second. */
export function faultSection({
  fault,
  phase,
  about,
  words,
  timeline,
  events,
  wrongRows,
}: FaultResult): string {
  const isRight = wrongRows.length === 0;
  return `<section><h2>Phase ${phase}, ${escaped(fault)}</h2><p>${escaped(about)}</p><p class="lead">${escaped(words)}</p>
<p class="${isRight ? 'good' : 'bad'}">${isRight ? 'Each acknowledged write exists exactly once.' : escaped(wrongRows.join('; '))}</p>
${timelineCharts(timeline, events)}</section>`;
}

/** Answers and latency, one chart each, on the same seconds. */
export function timelineCharts(timeline: readonly Bucket[], events: LineChart['events'] = []): string {
  const points = (of: (bucket: Bucket) => number) =>
    timeline.map((bucket) => [bucket.second, of(bucket)] as const);
  const answers = lineChart({
    ...{ label: 'Answers a second', x: 'seconds', y: 'a second', events },
    series: [
      { name: 'right', points: points(({ right }) => right) },
      { name: 'failed', points: points(({ failed }) => failed) },
    ],
  });
  const latency = lineChart({
    ...{ label: 'Latency of right answers', x: 'seconds', y: 'ms', logarithmic: true, events },
    series: [
      { name: 'slowest', points: points(({ slowest }) => Math.max(0.1, slowest)) },
      { name: 'median', points: points(({ median }) => Math.max(0.1, median)) },
    ],
  });
  return `<div class="two"><figure><figcaption>Answers a second</figcaption>${answers}</figure><figure><figcaption>Latency of right answers, by the second in which they were due</figcaption>${latency}</figure></div>`;
}
