#!/usr/bin/env bash
# Turns a fresh Amazon Linux 2023 into the shop's box: once per instance, from the user data. What every boot needs
# (the volume, the database's accounts) are units, which this starts. Running it again is harmless.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
host=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# All from Amazon's own repository, at the versions that the image's release locks. Some are in the image already.
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

# Reads a template, fills in @NAME@.
fill() {
  sed -e "s|@DOMAIN@|${DOMAIN:-domain.invalid}|g" -e "s|@LOG_GROUP@|$LOG_GROUP|g" -e "s|@AWS_REGION@|$AWS_REGION|g" \
    -e "s|@BUFFER_POOL_MIB@|$(memory_share 25)|g" "$host/$1"
}

install_configuration() {
  local etc=$ROOT/etc
  mkdir -p "$etc"/{nginx/shop,logrotate.d,systemd/system} "$ROOT"/{var/log/shop,opt/shop/releases,data}
  fill mariadb/my.cnf >"$etc/my.cnf"
  fill nginx/nginx.conf >"$etc/nginx/nginx.conf"
  cp "$host/nginx/headers.conf" "$etc/nginx/shop/"
  cp "$host/logrotate/shop" "$etc/logrotate.d/shop"
  cp -R "$host/systemd/." "$etc/systemd/system/"
  # What the running release needs of its unit goes and comes back with it.
  mkdir -p "$etc/systemd/system/shop.service.d"
  ln -sfn /opt/shop/current/shop.conf "$etc/systemd/system/shop.service.d/release.conf"
  fill cloudwatch-agent.json >"$etc/shop/cloudwatch-agent.json"
}

start_everything() {
  systemctl daemon-reload
  # First what people and operators see while the box waits for its volume: nginx's "try again", and the logs.
  systemctl enable --now logrotate.timer
  systemctl enable nginx.service
  systemctl reload-or-restart nginx.service
  "$ROOT/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl" \
    -a fetch-config -m ec2 -s -c "file:$ROOT/etc/shop/cloudwatch-agent.json" || say 'the log agent did not start'
  systemctl enable shop-data.service mariadb.service shop-database.service shop.service
  # Before the database is started: if that fails now, the timer asks for it again twice a minute.
  systemctl enable --now shop-release.timer shop-certificate.timer
  systemctl start shop-data.service mariadb.service shop-database.service
}

chmod +x "$host"/*.sh
install_packages
# The same number on every instance: it owns the photos on the data volume. Below what packages take for themselves.
getent passwd shop >/dev/null || useradd --system --uid 600 --user-group --home-dir /nonexistent --shell /sbin/nologin shop
install_configuration
bash "$host/certificate.sh" self-signed
start_everything
say 'done: shop-release.timer brings the release'
