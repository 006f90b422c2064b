export interface BootstrapScriptOptions {
  readonly region: string;
  /** The host asset: the scripts and configuration of this kind of host, zipped. */
  readonly host: { readonly bucket: string; readonly key: string };
}

/** The end of every user data: it silences the host, fetches the host's own scripts and hands over to them. */
export function bootstrapScript({ region, host }: BootstrapScriptOptions): string {
  return `${silenceImage}export AWS_REGION=${region}
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

/** Programs of the image that call out all day. They would be refused, and hide the packet that matters in the log. */
const silenceImage = `# Nothing here is managed by Systems Manager, and keys of Instance Connect come with the metadata.
systemctl mask --now amazon-ssm-agent.service ec2-instance-connect{,-harvest-hostkeys}.service || true
# The clock of the VPC, and not the public pool beside it that the image asks.
cat >/etc/chrony.conf <<'END_OF_FILE'
server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4
driftfile /var/lib/chrony/drift
makestep 1.0 3
rtcsync
END_OF_FILE
systemctl try-restart chronyd.service || true
`;
