#!/usr/bin/env bash
# Updates the addresses of the application's balancer in nginx. They change as the balancer scales or a zone fails, and
# these versions of nginx resolve a name only at start.
# shellcheck source-path=SCRIPTDIR source=../../host/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
folder=$ROOT/etc/shop/web
# The addresses in nginx.
known=$folder/app-balancer

# Each worker of nginx counts alone, so each has a part of the room at each address. Never marked as failed: a failure is
# mostly that of one server behind the address, and there are others.
write_pools() {
  local pool room shares=$(($# * $(nproc)))
  for pool in read write critical; do
    room=${pool^^}_ROOM
    printf "server %s:443 max_fails=0 max_conns=$(((${!room} + shares - 1) / shares));\n" "$@" >"$folder/$pool.new"
    mv "$folder/$pool.new" "$folder/$pool.servers"
  done
}

mapfile -t addresses < <(getent ahostsv4 "$APP_BALANCER" | awk '$2 == "STREAM" { print $1 }' | sort -u)
if ((${#addresses[@]} == 0)); then
  say "$APP_BALANCER does not resolve at the moment"
  # Keeps the previous addresses, if there are any.
  [[ -e $known ]]
  exit
fi
# `before` exists until nginx has reloaded, so that the next pass completes an interrupted one.
[[ -e $known && ! -e $known.before && $(<"$known") == "${addresses[*]}" ]] && exit

mkdir -p "$folder"
[[ -e $known.before || ! -e $known ]] || cp "$known" "$known.before"
write_pools "${addresses[@]}"
if ! nginx -t -q; then
  if [[ -e $known.before ]]; then
    read -ra before <"$known.before"
    write_pools "${before[@]}"
    mv "$known.before" "$known"
  fi
  say "nginx rejects these servers: ${addresses[*]}"
  exit 1
fi
echo "${addresses[*]}" >"$known"
# Does nothing before the first start of nginx.
systemctl try-reload-or-restart nginx.service
rm -f "$known.before"
say "$APP_BALANCER is at ${addresses[*]}"
