import { type BootstrapScriptOptions, bootstrapScript } from '../bootstrap-script';

export interface UserDataOptions extends BootstrapScriptOptions {
  readonly deploymentsBucket: string;
  readonly dataVolumeId: string;
  readonly logGroup: string;
  /** Empty without a domain. */
  readonly domain: string;
}

/** The user data of the box: writes its settings, then the host scripts take over. */
export function userData(options: UserDataOptions): string {
  return `#!/bin/bash
set -euo pipefail
mkdir -p /etc/shop /opt/shop/host
cat >/etc/shop/box.env <<'ENVIRONMENT'
AWS_REGION=${options.region}
DEPLOYMENTS_BUCKET=${options.deploymentsBucket}
DATA_VOLUME_ID=${options.dataVolumeId}
LOG_GROUP=${options.logGroup}
DOMAIN=${options.domain}
ENVIRONMENT
${bootstrapScript(options)}`;
}
