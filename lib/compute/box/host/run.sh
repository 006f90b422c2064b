#!/usr/bin/env bash
# Runs a program of the installed release as the user shop: run.sh app|migrate <program.js> [arguments]
# `migrate` has the accounts that may change tables, `app` those of the shop itself. Only root can read either.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
case ${1:-} in
  app) settings=shop.env ;;
  migrate) settings=migrate.env ;;
  *) say "usage: run.sh app|migrate <program.js> [arguments], not '${1:-}'" && exit 2 ;;
esac
set -a
# shellcheck source=/dev/null
source "$ROOT/run/shop/$settings"
cd "$ROOT/opt/shop/current"
# shellcheck source=/dev/null
[[ $1 == migrate || ! -e settings.env ]] || source settings.env
set +a
exec setpriv --reuid=shop --regid=shop --clear-groups --no-new-privs "${NODE:-/usr/bin/node-24}" "${@:2}"
