import type { QuotaName } from '../aws/account';

/** By AWS's "Service endpoints and quotas" of each service. */
export const QUOTAS = {
  /** "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", in vCPUs. */
  hosts: { service: 'ec2', code: 'L-1216C47A' },
  /** "Concurrent executions". */
  functions: { service: 'lambda', code: 'L-B99A9384' },
  /** "EC2-VPC Elastic IPs". */
  addresses: { service: 'ec2', code: 'L-0263D0A3' },
  /** "VPCs per Region". */
  networks: { service: 'vpc', code: 'L-F678F1CE' },
  /** "Inbound or outbound rules per security group". */
  rules: { service: 'vpc', code: 'L-0EA8095F' },
} as const satisfies Record<string, QuotaName>;
