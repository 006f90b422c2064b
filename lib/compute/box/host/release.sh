#!/usr/bin/env bash
# One poll for the desired release. Installs it beside the others, flips a symlink, and flips back if it is not
# healthy. Writes the outcome to the bucket, where the deployment waits for it.
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
shop=$ROOT/opt/shop
releases=$shop/releases
# The last handled deployment, and an outcome not yet delivered. Both are local to this instance.
handled=$shop/handled
undelivered=$shop/undelivered
app_log=$ROOT/var/log/shop/app.log
ready_url=${READY_URL:-http://127.0.0.1:8080/readyz}
ready_seconds=${READY_SECONDS:-60}
keep=3

main() {
  deliver
  local wanted deployment release bucket key
  wanted=$(aws s3 cp --quiet "s3://$DEPLOYMENTS_BUCKET/desired.json" -) || {
    say 'no release requested yet, or the bucket is not reachable'
    return 0
  }
  {
    read -r deployment
    read -r release
    read -r bucket
    read -r key
  } < <(jq -r '.deployment, .release, .bucket, .key' <<<"$wanted")
  # Both become file names and keys.
  [[ $deployment =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ && $release =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || {
    say "desired.json does not name an installable release: $wanted"
    return 1
  }
  if [[ -e $handled && $(<"$handled") == "$deployment" ]]; then
    # After a boot with a late database, the shop's own start has failed permanently.
    systemctl start --no-block shop.service
    return 0
  fi

  say "deployment $deployment requests $release"
  log_start=$(stat -c %s "$app_log" 2>/dev/null || echo 0)
  if message=$(install_release "$release" "$bucket" "$key" 2>&1) && activate "$release"; then
    forget_old_releases
    conclude true "$deployment" "$release" 'healthy'
  elif go_back; then
    conclude false "$deployment" "$release" "$message"
  else
    # No release to fall back to, so it retries: one bad minute must not leave a new box empty.
    report false "$deployment" "$release" "$message"
  fi
}

# Downloads and unpacks into a work folder; the release gets its name only when it is complete.
install_release() {
  local release=$1 bucket=$2 key=$3
  [[ -d $releases/$release ]] && return
  local work=$shop/incoming
  rm -rf "$work"
  mkdir -p "$work/files" "$releases"
  download "s3://$bucket/$key" "$work/release.zip" || return 1
  # -DD: files get the current time. Assets are dated 1980, and nginx derives its ETag from time and length only.
  unzip -q -DD "$work/release.zip" -d "$work/files" || return 1
  [[ -f $work/files/server.js && -f $work/files/migrate.js ]] || {
    echo "s3://$bucket/$key holds no server.js and migrate.js"
    return 1
  }
  write_settings "$work/files" || return 1
  chmod -R u=rwX,go=rX "$work/files"
  mv -T "$work/files" "$releases/$release" || return 1
  rm -rf "$work"
}

# The settings of this release for the application, its unit and nginx. They contain no secret.
write_settings() {
  local files=$1
  rm -f "$files"/{settings.env,shop.conf,uploads.map}
  jq -e '.settings // {} | length > 0' <<<"$wanted" >/dev/null || return 0
  # Quoted for both systemd and bash, which treat inner quotes differently.
  jq -e '.settings | to_entries | all((.key | test("\\A[A-Z][A-Z0-9_]*\\z")) and (.value | test("[\u0027\\\\[:cntrl:]]") | not))' \
    <<<"$wanted" >/dev/null || {
    echo 'desired.json contains settings that are not a plain NAME and value'
    return 1
  }
  jq -r '.settings | to_entries[] | "\(.key)=\u0027\(.value)\u0027"' <<<"$wanted" >"$files/settings.env"
  # The addresses of Aurora, S3 and Secrets Manager change, so the security group limits its connections.
  printf '[Service]\nIPAddressDeny=\n' >"$files/shop.conf"
  local origin
  origin=$(jq -r '.settings.UPLOAD_ORIGIN // empty' <<<"$wanted")
  [[ ! $origin =~ ^https://[a-z0-9.-]+$ ]] || printf 'default %s;\n' "$origin" >"$files/uploads.map"
}

download() {
  for pause in 1 3 0; do
    aws s3 cp --quiet "$1" "$2" && return
    sleep "$pause"
  done
  echo "$1 could not be downloaded"
  return 1
}

# Activates the release. `previous` exists until the result is known, so a later pass can finish an interrupted one.
activate() {
  local current
  current=$(basename "$(readlink "$shop/current" || true)")
  if [[ $current == "$1" ]]; then
    systemctl start shop.service || true
  else
    [[ -z $current || -L $shop/previous ]] || point "$shop/previous" "releases/$current"
    touch "$releases/$1"
    point "$shop/current" "releases/$1"
    say "starting $1"
    restart
  fi
  ready || {
    message="$1 was not ready within $ready_seconds s. $(last_words)"
    return 1
  }
  rm -f "$shop/previous"
}

# Reverts to the release before this attempt. Fails if the box has none.
go_back() {
  [[ -L $shop/current ]] || return 1
  [[ -L $shop/previous ]] || return 0
  local bad good
  bad=$(readlink "$shop/current")
  good=$(readlink "$shop/previous")
  say "reverting to $good"
  point "$shop/current" "$good"
  rm -f "$shop/previous"
  restart
  ready || say "$good is not ready either"
  [[ $bad == "$good" ]] || rm -rf "${shop:?}/$bad"
}

# The unit and nginx also read files of the release.
restart() {
  systemctl daemon-reload
  systemctl restart shop.service || true
  systemctl reload nginx.service || say 'nginx rejected the configuration of this release'
}

# Replaces a symlink atomically.
point() {
  ln -sfn "$2" "$1.new"
  mv -T "$1.new" "$1"
}

ready() {
  local deadline=$((SECONDS + ready_seconds))
  while ((SECONDS < deadline)); do
    curl --fail --silent --max-time 2 --output /dev/null "$ready_url" && return
    sleep 0.5
  done
  return 1
}

# The application's log since this pass began, without passwords that a database error may quote.
last_words() {
  tail -c "+$((log_start + 1))" "$app_log" 2>/dev/null | tail -n 15 | sed -E 's#(mysql://[^:/]*:)[^@]*@#\1…@#g' | tail -c 1500
}

forget_old_releases() {
  find "$releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | tail -n "+$((keep + 1))" |
    while read -r _ folder; do rm -rf "$folder"; done
}

conclude() {
  report "$@"
  echo "$2" >"$handled"
}

# Stored locally first, so that an outcome can be delivered later if the bucket is not reachable.
report() {
  say "deployment $2: ok=$1: $4"
  jq -n --argjson ok "$1" --arg deployment "$2" --arg release "$3" --arg message "${4:0:1900}" \
    '$ARGS.named' >"$undelivered.new"
  mv "$undelivered.new" "$undelivered"
  deliver || say 'the outcome could not be delivered yet'
}

deliver() {
  [[ -e $undelivered ]] || return 0
  local deployment
  deployment=$(jq -r .deployment "$undelivered")
  jq -c 'del(.deployment)' "$undelivered" |
    aws s3 cp --quiet --content-type application/json - "s3://$DEPLOYMENTS_BUCKET/outcomes/$deployment.json" || return 1
  rm "$undelivered"
}

mkdir -p "$shop"
exec 9>"$shop/release.lock"
flock --nonblock 9 || exit 0
main
