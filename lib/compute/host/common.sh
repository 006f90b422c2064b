# shellcheck shell=bash
# Sourced by the scripts of hosts in groups. ROOT is empty on a host; tests set it to a temporary folder.
set -euo pipefail
ROOT=${ROOT:-}
host=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# ROLE, AWS_REGION, LOG_GROUP and the variables of the role, from the user data.
set -a
# shellcheck source=/dev/null
source "$ROOT/etc/shop/host.env"
set +a

say() { printf '%s %s: %s\n' "$(date -u +%FT%TZ)" "$(basename "$0")" "$*"; }

# Tries a command up to five times; the gateway endpoint and the role may be seconds younger than the instance.
persist() {
  for attempt in 1 2 3 4 5; do
    "$@" && return
    say "$1 failed, attempt $attempt of 5"
    sleep $((attempt * 5))
  done
  return 1
}

# All from Amazon's repository, at the versions that the image's release locks. The image already contains some.
install_packages() {
  rpm --query --quiet "$@" || persist dnf install --assumeyes --quiet --setopt=install_weak_deps=False "$@"
}

# The certificate for connections from the balancer, which does not verify it, so each host makes its own. The group
# may read the key.
make_certificate() {
  local current=$ROOT/etc/shop/tls/current
  [[ -e $current ]] && return
  rm -rf "$current.new"
  mkdir -p "$current.new"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=shop \
    -addext subjectAltName=DNS:shop -keyout "$current.new/key.pem" -out "$current.new/certificate.pem" 2>/dev/null
  chgrp -R "$1" "$current.new"
  chmod 0750 "$current.new"
  chmod 0640 "$current.new"/*.pem
  mv -T "$current.new" "$current"
}

# The units and logrotate rules beside this file, and the log agent's configuration with its @NAME@s filled in.
install_files() {
  local etc=$ROOT/etc
  mkdir -p "$etc"/{logrotate.d,systemd/system} "$ROOT/var/log/shop"
  cp "$host"/logrotate/* "$etc/logrotate.d/"
  cp -R "$host/systemd/." "$etc/systemd/system/"
  sed -e "s|@LOG_GROUP@|$LOG_GROUP|g" -e "s|@AWS_REGION@|$AWS_REGION|g" -e "s|@ROLE@|$ROLE|g" \
    "$host/cloudwatch-agent.json" >"$etc/shop/cloudwatch-agent.json"
  systemctl daemon-reload
}

start_logs() {
  systemctl enable --now logrotate.timer
  "$ROOT/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl" \
    -a fetch-config -m ec2 -s -c "file:$ROOT/etc/shop/cloudwatch-agent.json" || say 'the log agent did not start'
}
