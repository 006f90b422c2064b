export interface UserDataProps {
  readonly region: string;
  readonly deploymentsBucket: string;
  readonly dataVolumeId: string;
  readonly logGroup: string;
  /** Empty without a domain. */
  readonly domain: string;
  /** The host asset. */
  readonly host: { readonly bucket: string; readonly key: string };
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
export AWS_REGION=${props.region}
# The role's credentials may be seconds behind the instance.
for _ in $(seq 60); do
  if aws s3 cp "s3://${props.host.bucket}/${props.host.key}" /tmp/host.zip; then break; fi
  sleep 5
done
# In every image, since dnf and cloud-init run on it.
python3 -m zipfile -e /tmp/host.zip /opt/shop/host
exec bash /opt/shop/host/boot.sh
`;
}
