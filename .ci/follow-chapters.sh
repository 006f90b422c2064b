#!/usr/bin/env bash
# Follows chapters of the guide, two at a time and each on a port of its own: most of the time, a chapter waits.
set -euo pipefail
cd "$(dirname "$0")/.."

follow() {
  local said code=0
  said=$(npm run guide -- "$1" --quick --port "809$1" 2>&1) || code=$?
  printf '%s\n' "$said"
  return "$code"
}
export -f follow
printf '%s\n' "$@" | xargs -P 2 -I CHAPTER bash -c 'follow CHAPTER'
