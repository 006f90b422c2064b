#!/usr/bin/env bash
# Tells nginx at which addresses the application's balancer is now. They change as the balancer grows or a zone fails, and
# nginx of these versions looks a name up once, when it starts.
# shellcheck source-path=SCRIPTDIR source=../../host/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# Both pools of nginx (boot.sh).
file=$ROOT/etc/shop/web/app-balancer.servers

mapfile -t addresses < <(getent ahostsv4 "$APP_BALANCER" | awk '$2 == "STREAM" { print $1 }' | sort -u)
if ((${#addresses[@]} == 0)); then
  say "$APP_BALANCER has no address at the moment"
  # Those of before, if there are any: better than none.
  [[ -e $file ]]
  exit
fi
# Never marked as failed: what counts against an address is mostly a server behind it, and there are others.
servers=$(printf 'server %s:443 max_fails=0;\n' "${addresses[@]}")
# `before` exists until nginx has been told, so a pass that was cut short is made good by the next one.
[[ -e $file && ! -e $file.before && $(<"$file") == "$servers" ]] && exit

mkdir -p "$(dirname "$file")"
[[ -e $file.before || ! -e $file ]] || cp "$file" "$file.before"
echo "$servers" >"$file.new"
mv "$file.new" "$file"
if ! nginx -t -q; then
  [[ ! -e $file.before ]] || mv "$file.before" "$file"
  say "nginx does not take these servers: ${addresses[*]}"
  exit 1
fi
# Before its first start there is nothing to tell.
systemctl try-reload-or-restart nginx.service
rm -f "$file.before"
say "$APP_BALANCER is at ${addresses[*]}"
