import { type BootstrapScriptOptions, bootstrapScript } from '../bootstrap-script';

export interface HostUserDataOptions extends BootstrapScriptOptions {
  /** Variables for the scripts and units of the host. */
  readonly environment: Readonly<Record<string, string>>;
  /** PEM of the app balancer's certificate; public. */
  readonly insideCertificate: string;
  /** The app's environment, on hosts that run it; it contains no secret. Values must not contain quotes or newlines. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The user data of a tier's host: writes its settings, then its own scripts take over. */
export function hostUserData({
  environment,
  insideCertificate,
  settings,
  ...rest
}: HostUserDataOptions): string {
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
}${bootstrapScript(rest)}`;
}

function file(path: string, content: string): string {
  return `cat >${path} <<'END_OF_FILE'\n${content}\nEND_OF_FILE`;
}

function lines(values: Readonly<Record<string, string>>, written: (value: string) => string): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${written(value)}`)
    .join('\n');
}
