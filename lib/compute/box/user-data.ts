import { type BringHostProps, bringHost } from '../bring-host';

export interface UserDataProps extends BringHostProps {
  readonly deploymentsBucket: string;
  readonly dataVolumeId: string;
  readonly logGroup: string;
  /** Empty without a domain. */
  readonly domain: string;
}

/** What the instance is told at its first boot: where things are, then the host scripts take over. */
export function userData(props: UserDataProps): string {
  return `#!/bin/bash
set -euo pipefail
mkdir -p /etc/shop /opt/shop/host
cat >/etc/shop/box.env <<'ENVIRONMENT'
AWS_REGION=${props.region}
DEPLOYMENTS_BUCKET=${props.deploymentsBucket}
DATA_VOLUME_ID=${props.dataVolumeId}
LOG_GROUP=${props.logGroup}
DOMAIN=${props.domain}
ENVIRONMENT
${bringHost(props)}`;
}
