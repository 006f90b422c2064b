#!/usr/bin/env bash
# The database's steps at every boot.
#   prepare    before MariaDB starts: creates the system tables if the volume has none
#   accounts   after it: schemas, accounts with new passwords and exactly these grants, and the settings with them
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
owner=${DATABASE_OS_USER:-mysql}
data=$ROOT/data/mysql
run=$ROOT/run/shop
socket=$ROOT/run/mariadb/mariadb.sock

prepare() {
  [[ -d $data ]] && return
  # Created under another name and renamed, so that an interrupted boot leaves nothing incomplete.
  rm -rf "$data.new"
  install --directory --owner="$owner" --mode=0700 "$data.new"
  mariadb-install-db --no-defaults --user="$owner" --datadir="$data.new" --skip-test-db \
    --auth-root-authentication-method=socket >/dev/null
  mv "$data.new" "$data"
}

accounts() {
  install --directory --mode=0700 "$run"
  declare -A password
  for account in {users,inventory}_{app,owner}; do password[$account]=$(openssl rand -hex 24); done
  for schema in users inventory; do
    cat <<SQL
CREATE DATABASE IF NOT EXISTS $schema CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE OR REPLACE USER ${schema}_app@localhost IDENTIFIED BY '${password[${schema}_app]}';
GRANT SELECT, INSERT, UPDATE, DELETE ON $schema.* TO ${schema}_app@localhost;
CREATE OR REPLACE USER ${schema}_owner@localhost IDENTIFIED BY '${password[${schema}_owner]}';
GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON $schema.* TO ${schema}_owner@localhost;
SQL
  done | mariadb --no-defaults --socket="$socket" --user="$(id -un)"

  settings owner >"$run/migrate.env"
  {
    settings app
    printf '%s\n' NODE_ENV=production HOST=127.0.0.1 PORT=8080 HOST_ROLE=box "DATA_DIR=$ROOT/data" "MEDIA=file:$ROOT/data/media" \
      "NODE_OPTIONS=--max-old-space-size=$(memory_share 25)"
  } >"$run/shop.env"
}

# The two databases' URLs for one kind of account: app or owner.
settings() {
  for schema in users inventory; do
    local account=${schema}_$1
    echo "${schema^^}_DATABASE=mysql://$account:${password[$account]}@localhost/$schema?socketPath=$socket"
  done
}

umask 077
case ${1:-} in
  prepare | accounts) "$1" ;;
  *) say "usage: database.sh prepare|accounts, not '${1:-}'" && exit 2 ;;
esac
