#!/usr/bin/env bash
# Turns a fresh Amazon Linux 2023 into a host of the application: once per instance, from the user data. Idempotent.
# A new release is a new instance, so nothing here updates one later.
# shellcheck source-path=SCRIPTDIR source=../../host/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
shop=$ROOT/opt/shop

# Downloads and unpacks into a work folder; the release gets its name only when it is complete.
install_release() {
  [[ -d $shop/current ]] && return
  local work=$shop/incoming
  rm -rf "$work"
  mkdir -p "$work/files"
  persist aws s3 cp --quiet "s3://$RELEASE_BUCKET/$RELEASE_KEY" "$work/release.zip"
  unzip -q "$work/release.zip" -d "$work/files"
  [[ -f $work/files/server.js ]] || {
    say "s3://$RELEASE_BUCKET/$RELEASE_KEY holds no server.js"
    return 1
  }
  chmod -R u=rwX,go=rX "$work/files"
  mv -T "$work/files" "$shop/current"
  rm -rf "$work"
}

# Half of this host's memory is for the JavaScript heap; the rest is for memory outside of it (password hashing, photos,
# buffers), the log agent and the system.
write_node_settings() {
  local mib
  mib=$(awk '/^MemTotal:/ { print int($2 / 1024 / 2) }' /proc/meminfo)
  echo "NODE_OPTIONS=--max-old-space-size=$mib" >"$ROOT/etc/shop/node.env"
}

chmod +x "$host"/*.sh
install_packages nodejs24 amazon-cloudwatch-agent awscli-2 unzip openssl logrotate
getent passwd shop >/dev/null || useradd --system --user-group --home-dir /nonexistent --shell /sbin/nologin shop
install_files
# From here on, logs reach CloudWatch.
start_logs
make_certificate shop
write_node_settings
install_release
systemctl enable shop.service
systemctl restart shop.service
say "done: $RELEASE_KEY starts"
