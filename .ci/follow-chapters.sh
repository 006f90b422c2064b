#!/usr/bin/env bash
# Follows chapters of the guide, two at a time and each on a port of its own: most of the time, a chapter waits. One that
# is not as written is followed once more, alone: its figures may have been about its neighbour.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=$(mktemp)
export failed
trap 'rm -f "$failed"' EXIT

follow() {
  local said code=0
  said=$(npm run guide -- "$1" --quick --again --port "809$1" 2>&1) || code=$?
  printf '%s\n' "$said"
  return "$code"
}
follow_or_note() { follow "$1" || echo "$1" >>"$failed"; }
export -f follow follow_or_note
printf '%s\n' "$@" | xargs -P 2 -I CHAPTER bash -c 'follow_or_note CHAPTER'
while read -r chapter; do
  printf '== chapter %s, once more and alone ==\n' "$chapter"
  follow "$chapter" </dev/null
done <"$failed"
