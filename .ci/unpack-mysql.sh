#!/usr/bin/env bash
# Unpacks MySQL, of Debian's unstable, into a folder that does not exist yet; nothing else of the machine changes.
# The folder then has `mysqld`, which runs, and `template`, a data folder to copy for each server.
set -eEuo pipefail
# shellcheck source-path=SCRIPTDIR source=own-apt.sh
. "$(dirname "$0")/own-apt.sh"
[ $# = 1 ] || { echo "usage: unpack-mysql.sh FOLDER" >&2; exit 2; }
prepare_own_apt "$1" sid
# Only scripts of the packages want perl, and none of them runs.
cat >"$apt/status" <<END
Package: perl
Status: install ok installed
Maintainer: none
Architecture: $(dpkg --print-architecture)
Multi-Arch: allowed
Version: 99
Description: none
END
own_apt update
own_apt install -y --no-install-recommends --download-only mysql-server-core >/dev/null
unpack_packages

# With the packages' own loader and libraries: unstable's are newer than the machine's.
root=$folder/root
loader=$(find "$root/usr/lib" -type f -name 'ld-linux*.so.*' -print -quit)
cat >"$folder/mysqld" <<END
#!/bin/sh
exec '$loader' --library-path '$(dirname "$loader")' --argv0 '$root/usr/sbin/mysqld' '$root/usr/sbin/mysqld' "\$@" \\
  --basedir='$root/usr' --lc-messages-dir='$root/usr/share/mysql' \\
  --character-sets-dir='$root/usr/share/mysql/charsets' --plugin-dir='$root/usr/lib/mysql/plugin' \\
  --secure-file-priv=NULL --mysqlx=0
END
chmod +x "$folder/mysqld"
"$folder/mysqld" --no-defaults --user="$(id -un)" --initialize-insecure --datadir="$folder/template" --tmpdir="$folder" \
  --log-error-verbosity=1 --innodb-redo-log-capacity=8M --innodb-flush-method=nosync --skip-log-bin
# Each copy is a server with an id of its own.
rm -f "$folder/template/auto.cnf"
