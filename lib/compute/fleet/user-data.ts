import { type BringHostProps, bringHost } from '../bring-host';

export interface HostUserDataProps extends BringHostProps {
  /** What the scripts and units of the host know it by. */
  readonly environment: Readonly<Record<string, string>>;
  /** PEM of who answers for the app tier; public. */
  readonly insideCertificate: string;
  /** What the app reads, on a host that has one; nothing secret. No value may hold a quote or a new line. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What a host of a tier is told at its first boot: what it is and where things are, then its own scripts take over. */
export function hostUserData({
  environment,
  insideCertificate,
  settings,
  ...rest
}: HostUserDataProps): string {
  return `#!/bin/bash
set -euo pipefail
mkdir -p /etc/shop/tls /opt/shop/host
${file(
  '/etc/shop/host.env',
  lines(environment, (value) => value),
)}
${file('/etc/shop/tls/inside.pem', insideCertificate.trimEnd())}
${
  settings
    ? `${file(
        '/etc/shop/shop.env',
        lines(settings, (value) => `'${value}'`),
      )}\n`
    : ''
}${bringHost(rest)}`;
}

function file(path: string, content: string): string {
  return `cat >${path} <<'END_OF_FILE'\n${content}\nEND_OF_FILE`;
}

function lines(values: Readonly<Record<string, string>>, written: (value: string) => string): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${written(value)}`)
    .join('\n');
}
