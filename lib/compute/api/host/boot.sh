#!/usr/bin/env bash
# Turns a fresh Amazon Linux 2023 into a host of the application: once per instance, from the user data. A new release is
# a new instance, so there is nothing here that would bring one later. Running it again is harmless.
# shellcheck source-path=SCRIPTDIR source=../../host/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
shop=$ROOT/opt/shop

# Downloads and unpacks beside; the release appears under its name only when it is whole.
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

# Half of this host's memory for JavaScript; the rest is for what it does not count (hashing passwords, photos, buffers),
# the log agent and the system.
write_node_settings() {
  local mib
  mib=$(awk '/^MemTotal:/ { print int($2 / 1024 / 2) }' /proc/meminfo)
  echo "NODE_OPTIONS=--max-old-space-size=$mib" >"$ROOT/etc/shop/node.env"
}

chmod +x "$host"/*.sh
install_packages nodejs24 amazon-cloudwatch-agent awscli-2 unzip openssl logrotate
getent passwd shop >/dev/null || useradd --system --user-group --home-dir /nonexistent --shell /sbin/nologin shop
install_files
# What happens here from now on can be read from outside.
start_logs
make_certificate shop
write_node_settings
install_release
systemctl enable shop.service
systemctl restart shop.service
say "done: $RELEASE_KEY starts"
