#!/usr/bin/env bash
# Turns a fresh Amazon Linux 2023 into the shop's box: once per instance, from the user data. Idempotent. The steps of
# every boot (the volume, the database's accounts) are units, which this script starts.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
host=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# All from Amazon's repository, at the versions that the image's release locks. The image already contains some.
packages=(nginx mariadb1011-server nodejs24 amazon-cloudwatch-agent awscli-2 jq unzip openssl xfsprogs logrotate)

install_packages() {
  rpm --query --quiet "${packages[@]}" && return
  # The gateway endpoint may be seconds younger than the instance.
  for attempt in 1 2 3 4 5; do
    dnf install --assumeyes --quiet --setopt=install_weak_deps=False "${packages[@]}" && return
    say "dnf failed, attempt $attempt of 5"
    sleep $((attempt * 5))
  done
  return 1
}

# Fills in the @NAME@s of a template.
fill() {
  sed -e "s|@DOMAIN@|${DOMAIN:-domain.invalid}|g" -e "s|@LOG_GROUP@|$LOG_GROUP|g" -e "s|@AWS_REGION@|$AWS_REGION|g" \
    -e "s|@BUFFER_POOL_MIB@|$(memory_share 25)|g" "$host/$1"
}

install_configuration() {
  local etc=$ROOT/etc
  mkdir -p "$etc"/{nginx/shop,logrotate.d,systemd/system} "$ROOT"/{var/log/shop,opt/shop/releases,data}
  fill mariadb/my.cnf >"$etc/my.cnf"
  fill nginx/nginx.conf >"$etc/nginx/nginx.conf"
  cp "$host"/nginx/{headers,problem}.conf "$etc/nginx/shop/"
  cp "$host/logrotate/shop" "$etc/logrotate.d/shop"
  cp -R "$host/systemd/." "$etc/systemd/system/"
  # The drop-in of the running release follows its symlink.
  mkdir -p "$etc/systemd/system/shop.service.d"
  ln -sfn /opt/shop/current/shop.conf "$etc/systemd/system/shop.service.d/release.conf"
  fill cloudwatch-agent.json >"$etc/shop/cloudwatch-agent.json"
}

start_everything() {
  systemctl daemon-reload
  # First nginx, which answers 503 while the box waits for its volume, and the logs.
  systemctl enable --now logrotate.timer
  systemctl enable nginx.service
  systemctl reload-or-restart nginx.service
  "$ROOT/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl" \
    -a fetch-config -m ec2 -s -c "file:$ROOT/etc/shop/cloudwatch-agent.json" || say 'the log agent did not start'
  systemctl enable shop-data.service mariadb.service shop-database.service shop.service
  # Before the database: if its start fails now, the timer retries twice a minute.
  systemctl enable --now shop-release.timer shop-certificate.timer
  systemctl start shop-data.service mariadb.service shop-database.service
}

chmod +x "$host"/*.sh
install_packages
# A fixed uid on every instance, since it owns the photos on the data volume; below the uids that packages allocate.
getent passwd shop >/dev/null || useradd --system --uid 600 --user-group --home-dir /nonexistent --shell /sbin/nologin shop
install_configuration
bash "$host/certificate.sh" self-signed
start_everything
say 'done: shop-release.timer brings the release'
