# shellcheck shell=bash
# Sourced by the box's scripts. ROOT is empty on the box; tests set it to a temporary folder.
set -euo pipefail
ROOT=${ROOT:-}

# AWS_REGION, DEPLOYMENTS_BUCKET, DATA_VOLUME_ID, LOG_GROUP and DOMAIN (may be empty), from the user data.
set -a
# shellcheck source=/dev/null
source "$ROOT/etc/shop/box.env"
set +a

say() { printf '%s %s: %s\n' "$(date -u +%FT%TZ)" "$(basename "$0")" "$*"; }

# A percentage of this machine's memory in MiB, so that a bigger box needs no other setting.
memory_share() { awk -v percent="$1" '/^MemTotal:/ { print int($2 / 1024 * percent / 100) }' /proc/meminfo; }
