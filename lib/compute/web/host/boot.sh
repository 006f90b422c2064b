#!/usr/bin/env bash
# Turns a fresh Amazon Linux 2023 into a web host: once per instance, from the user data. Idempotent.
# shellcheck source-path=SCRIPTDIR source=../../host/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

chmod +x "$host"/*.sh
install_packages nginx amazon-cloudwatch-agent openssl logrotate
install_files
# From here on, logs reach CloudWatch.
start_logs
sed "s|@LOGGED_READS_PERCENT@|$LOGGED_READS_PERCENT|" "$host/nginx/nginx.conf" >"$ROOT/etc/nginx/nginx.conf"
make_certificate root
# nginx cannot start without it. The roll-out limits the wait.
until "$host/app-servers.sh"; do sleep 5; done
systemctl enable --now shop-app-servers.timer
systemctl enable nginx.service
systemctl reload-or-restart nginx.service
systemctl enable --now shop-host-metrics.timer
say 'done: nginx serves'
