export interface BringHostProps {
  readonly region: string;
  /** The host asset: the scripts and configuration of this kind of host, zipped. */
  readonly host: { readonly bucket: string; readonly key: string };
}

/** How every user data ends: the host's own scripts are brought, and take over. */
export function bringHost({ region, host }: BringHostProps): string {
  return `export AWS_REGION=${region}
# The role's credentials may be seconds behind the instance.
for _ in $(seq 60); do
  if aws s3 cp "s3://${host.bucket}/${host.key}" /tmp/host.zip; then break; fi
  sleep 5
done
# In every image, since dnf and cloud-init run on it.
python3 -m zipfile -e /tmp/host.zip /opt/shop/host
exec bash /opt/shop/host/boot.sh
`;
}
