/**
 * The monthly uptime that AWS publishes, as a share. Below it AWS gives credits: it is a promise about money and no
 * measurement (docs/availability.md).
 */
export const SERVICE_LEVELS = {
  instance: { name: 'one EC2 instance', share: 0.995, source: 'Amazon Compute SLA, instance level' },
  instances: { name: 'EC2 over zones', share: 0.9999, source: 'Amazon Compute SLA, region level' },
  volume: { name: 'one EBS volume', share: 0.999, source: 'Amazon EBS SLA, volume level' },
  balancer: { name: 'a load balancer', share: 0.9999, source: 'Elastic Load Balancing SLA, multi-AZ' },
  database: { name: 'Aurora in one zone', share: 0.999, source: 'Amazon Aurora SLA, single-AZ' },
  databases: { name: 'Aurora over zones', share: 0.9999, source: 'Amazon Aurora SLA, multi-AZ' },
  cache: { name: 'Valkey, serverless', share: 0.9999, source: 'Amazon ElastiCache SLA, serverless' },
  objects: { name: 'S3', share: 0.999, source: 'Amazon S3 SLA, Standard' },
  cdn: { name: 'CloudFront', share: 0.999, source: 'Amazon CloudFront SLA' },
  firewall: { name: 'WAF', share: 0.9995, source: 'AWS WAF SLA' },
} as const;

export type Service = keyof typeof SERVICE_LEVELS;
