#!/usr/bin/env bash
# nginx's certificate: /etc/shop/tls/current is a symlink to a folder with certificate.pem and key.pem that belong together.
#   self-signed   creates one if there is none, so that nginx can start
#   fetch         installs the domain's certificate from the bucket if it is new and valid
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
tls=$ROOT/etc/shop/tls

self-signed() {
  [[ -L $tls/current ]] && return
  mkdir -p "$tls/self-signed"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -subj "/CN=${DOMAIN:-shop}" -addext "subjectAltName=DNS:${DOMAIN:-shop}" \
    -keyout "$tls/self-signed/key.pem" -out "$tls/self-signed/certificate.pem" 2>/dev/null
  point self-signed
}

fetch() {
  [[ -n $DOMAIN ]] || return 0
  local new=$tls/new
  rm -rf "$new"
  mkdir -p "$new"
  for file in certificate key; do
    aws s3 cp --quiet "s3://$DEPLOYMENTS_BUCKET/tls/$file.pem" "$new/$file.pem" || {
      say 'no certificate in the bucket yet, or the bucket is not reachable'
      return 0
    }
  done
  cmp --silent "$new/certificate.pem" "$tls/current/certificate.pem" && return
  usable "$new"

  local before name
  before=$(readlink "$tls/current")
  name=$(openssl x509 -in "$new/certificate.pem" -noout -fingerprint -sha256 | tr -dc '[:xdigit:]' | tail -c 16)
  rm -rf "${tls:?}/$name"
  mv -T "$new" "$tls/$name"
  point "$name"
  if ! nginx -t -q; then
    point "$before"
    say "nginx rejects the new certificate, keeping $before"
    return 1
  fi
  systemctl reload nginx.service
  find "$tls" -mindepth 1 -maxdepth 1 -type d ! -name "$name" ! -name self-signed -exec rm -rf {} +
  say "installed $name, $(openssl x509 -in "$tls/current/certificate.pem" -noout -enddate)"
}

# Exits with the reason if the pair in this folder must not be served.
usable() {
  local certificate=$1/certificate.pem key=$1/key.pem
  [[ $(openssl x509 -in "$certificate" -noout -pubkey) == "$(openssl pkey -in "$key" -pubout)" ]] ||
    refuse 'the key does not match the certificate'
  openssl x509 -in "$certificate" -noout -checkend 0 >/dev/null || refuse 'the certificate has expired'
  openssl x509 -in "$certificate" -noout -checkhost "$DOMAIN" | grep -q 'does match' ||
    refuse "the certificate is not for $DOMAIN"
}

refuse() {
  say "keeping the current certificate: $1"
  exit 1
}

point() {
  ln -sfn "$1" "$tls/current.new"
  mv -T "$tls/current.new" "$tls/current"
}

umask 077
mkdir -p "$tls"
exec 9>"$tls/lock"
flock 9
case ${1:-} in
  self-signed | fetch) "$1" ;;
  *) say "usage: certificate.sh self-signed|fetch, not '${1:-}'" && exit 2 ;;
esac
