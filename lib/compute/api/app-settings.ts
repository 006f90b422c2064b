import { SETTING } from '../../../lambda/shared/settings';
import type { ManagedDatabase } from '../../data/managed-database';

export interface AppSettingsProps {
  readonly region: string;
  readonly database: ManagedDatabase;
  readonly mediaBucket: string;
  /** The app balancer's name in DNS. */
  readonly appBalancer: string;
}

/** What the app of a role reads from its environment; nothing of it is secret. */
export function appSettings(
  role: 'read' | 'write',
  { region, database, mediaBucket, appBalancer }: AppSettingsProps,
): Record<string, string> {
  const account = role === 'read' ? 'reader' : 'app';
  return {
    NODE_ENV: 'production',
    AWS_REGION: region,
    [SETTING.shopRole]: role,
    [SETTING.hostRole]: role,
    [SETTING.host]: '0.0.0.0',
    [SETTING.port]: String(appPort),
    [SETTING.tlsCertificate]: '/etc/shop/tls/current/certificate.pem',
    [SETTING.tlsKey]: '/etc/shop/tls/current/key.pem',
    [SETTING.usersDatabase]: database.url('users', account),
    [SETTING.inventoryDatabase]: database.url('inventory', account),
    [SETTING.media]: `s3://${mediaBucket}`,
    ...(role === 'read' && {
      [SETTING.writeUrl]: `https://${appBalancer}`,
      [SETTING.writeAuthority]: '/etc/shop/tls/inside.pem',
    }),
  };
}

/** Where the app listens; as the firewall has it. */
export const appPort = 8443;
