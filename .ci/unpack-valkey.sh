#!/usr/bin/env bash
# Unpacks Valkey, of the backports to Debian's stable release, into a folder that does not exist yet; nothing else of
# the machine changes. The folder then has `valkey-server`, which runs.
set -eEuo pipefail
# shellcheck source-path=SCRIPTDIR source=own-apt.sh
. "$(dirname "$0")/own-apt.sh"
[ $# = 1 ] || { echo "usage: unpack-valkey.sh FOLDER" >&2; exit 2; }
prepare_own_apt "$1" bookworm bookworm-backports
own_apt update
(
  cd "$apt/cache/archives"
  # Without what every Debian machine has, such as its C library.
  own_apt download valkey-{server,tools}/bookworm-backports libjemalloc2 liblzf1 libatomic1
)
unpack_packages

libraries=$(dirname "$(find "$folder/root/usr/lib" -name 'libjemalloc.so.2' -print -quit)")
cat >"$folder/valkey-server" <<END
#!/bin/sh
LD_LIBRARY_PATH='$libraries' exec '$folder/root/usr/bin/valkey-server' "\$@"
END
chmod +x "$folder/valkey-server"
"$folder/valkey-server" --version
