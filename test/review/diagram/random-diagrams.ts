import fc from 'fast-check';
import type { Diagram, Location } from '../../../review/diagram/model';

const tiers = ['public', 'web', 'app', 'data'];
const locations: readonly Location[] = ['edge', 'endpoints', 'region', ...tiers.map((tier) => ({ tier }))];
const labels = ['', '443', '80, 443', 'leads to'];

/** Diagrams with arrows between any two nodes but endpoints, which have none. */
export const randomDiagrams: fc.Arbitrary<Diagram> = fc
  .array(
    fc.record({
      location: fc.constantFrom(...locations),
      words: fc.integer({ min: 1, max: 12 }),
      isInZones: fc.boolean(),
    }),
    { minLength: 2, maxLength: 30 },
  )
  .map((all) =>
    all.map(({ location, words, isInZones }, index) => ({
      key: `node ${index}`,
      location,
      title: `Node ${index}`,
      lines: [Array(words).fill('word').join(' ')],
      zones: isInZones ? ['zone 1', '', 'zone 3'] : [],
      securityGroups: [],
      resources: [],
    })),
  )
  .chain((nodes) => {
    const keys = nodes.filter(({ location }) => location !== 'endpoints').map(({ key }) => key);
    const edge = fc.record({
      from: fc.constantFrom('browsers', ...keys),
      to: fc.constantFrom('browsers', ...keys),
      label: fc.constantFrom(...labels),
      kind: fc.constantFrom('connection' as const, 'relation' as const),
    });
    const browsers = {
      ...nodes[0],
      key: 'browsers',
      location: 'internet' as const,
      title: 'Browsers',
      lines: [],
    };
    return fc
      .uniqueArray(edge, { selector: ({ from, to }) => `${from} > ${to}`, maxLength: 40 })
      .map((edges) => ({
        nodes: [{ ...browsers, securityGroups: [], resources: [] }, ...nodes],
        edges: edges.filter(({ from, to }) => from !== to),
        tiers,
        network: 'VPC',
      }));
  });
