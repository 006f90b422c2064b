#!/usr/bin/env bash
# Turns a fresh Amazon Linux 2023 into a web host: once per instance, from the user data. Running it again is harmless.
# shellcheck source-path=SCRIPTDIR source=../../host/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

chmod +x "$host"/*.sh
install_packages nginx amazon-cloudwatch-agent openssl logrotate
install_files
# What happens here from now on can be read from outside.
start_logs
cp "$host/nginx/nginx.conf" "$ROOT/etc/nginx/nginx.conf"
mkdir -p "$ROOT/etc/shop/web"
for pool in read write; do ln -sfn app-balancer.servers "$ROOT/etc/shop/web/$pool.servers"; done
make_certificate root
# The one thing that it cannot do without. Whoever made this host decides how long to wait.
until "$host/app-servers.sh"; do sleep 5; done
systemctl enable --now shop-app-servers.timer
systemctl enable nginx.service
systemctl reload-or-restart nginx.service
say 'done: nginx serves'
