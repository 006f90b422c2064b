import type { Diagram, DiagramEdge, DiagramNode, Location } from '../../../review/diagram/model';

const zones = ['zone 1', 'zone 2', 'zone 3'];

function node(key: string, location: Location, lines = ['says what it is'], inZones = true): DiagramNode {
  const inNetwork = location === 'endpoints' || typeof location === 'object';
  return {
    key,
    location,
    title: `The ${key}`,
    lines,
    ...(inNetwork && inZones ? { zones } : {}),
    securityGroups: [],
    resources: [],
  };
}

function edge(from: string, to: string, label = '443'): DiagramEdge {
  return { from, to, label, kind: label === 'leads to' ? 'relation' : 'connection' };
}

const web: Location = { tier: 'web' };
const app: Location = { tier: 'app' };
const data: Location = { tier: 'data' };
const services = ['users', 'inventory'];
const groups = services.flatMap((service) => [`${service} read servers`, `${service} write servers`]);
const shards = ['users shard 1', 'users shard 2', 'inventory database'];

/** Three times as many boxes as phase 3: two services, a cache, replicas, shards, a queue, a table and a warehouse. */
export const grownDiagram: Diagram = {
  nodes: [
    node('browsers', 'internet'),
    node('name', 'edge'),
    node('firewall', 'edge'),
    node('cdn', 'edge', ['shop.example.com', '/media/photos/*, /api/products*, /api/* and the rest']),
    node('web balancer', web),
    node('web servers', web),
    ...services.map((service) => node(`${service} balancer`, app, ['internal load balancer'])),
    ...groups.map((group) => node(group, app, ['gets GET, HEAD', '3 to 40 × c8g.large'])),
    node('maintenance functions', app, ['migrations', 'rotation']),
    node('archive function', app, ['to the warehouse']),
    node('cache', data),
    node('session cache', data),
    ...shards.map((shard) => node(shard, data, ['the rows of a service', '0.5 to 64 units each'])),
    ...shards.map((shard) => node(`replicas of the ${shard}`, data)),
    ...['S3', 'DynamoDB', 'logs', 'secrets', 'SQS', 'metrics', 'STS', 'warehouse API', 'shells'].map((key) =>
      node(key, 'endpoints', ['interface', '443 from web, read, write, maintenance, archive']),
    ),
    ...['media', 'static', 'queue', 'dead letters', 'thumbnails', 'table', 'archive', 'warehouse'].map(
      (key) => node(key, 'region'),
    ),
    ...['deployments', 'access logs', 'functions', 'secret values', 'keys', 'alarms', 'canary'].map((key) =>
      node(key, 'region'),
    ),
  ],
  edges: [
    edge('browsers', 'name', 'name'),
    edge('name', 'cdn', 'leads to'),
    edge('firewall', 'cdn', 'checks'),
    edge('browsers', 'cdn', '80, 443'),
    edge('browsers', 'media', 'PUT'),
    edge('cdn', 'media'),
    edge('cdn', 'static'),
    edge('cdn', 'web balancer'),
    edge('web balancer', 'web servers'),
    ...services.flatMap((service) => [
      edge('web servers', `${service} balancer`),
      edge(`${service} balancer`, `${service} read servers`, '8443'),
      edge(`${service} balancer`, `${service} write servers`, '8443'),
    ]),
    edge('users write servers', 'inventory balancer'),
    edge('inventory read servers', 'users balancer'),
    edge('inventory write servers', 'users balancer'),
    ...groups.flatMap((group) => [edge(group, 'cache', '6379'), edge(group, 'session cache', '6379')]),
    ...shards.flatMap((shard) => {
      const own = groups.filter((group) => group.startsWith(shard.split(' ')[0] ?? ''));
      return [
        ...own.map((group) => edge(group, shard, '3306')),
        ...own
          .filter((group) => group.includes('read'))
          .map((group) => edge(group, `replicas of the ${shard}`, '3306')),
        edge('maintenance functions', shard, '3306'),
      ];
    }),
    edge('archive function', 'inventory database', '3306'),
    edge('media', 'queue', ''),
    edge('queue', 'thumbnails', ''),
    edge('queue', 'dead letters', ''),
    edge('thumbnails', 'media', 'PUT'),
    edge('thumbnails', 'table'),
    edge('table', 'archive', ''),
    edge('archive', 'warehouse', ''),
  ],
  tiers: ['public', 'web', 'app', 'data'],
  network: 'VPC 10.0.0.0/16',
};
