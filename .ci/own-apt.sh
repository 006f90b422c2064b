# Sourced: apt that changes nothing of the machine, with settings, lists and a record of installed packages of its own.
# shellcheck shell=bash

# Prepares apt below a new folder for suites of Debian. Afterwards `own_apt` takes its commands, and `unpack_packages`
# unpacks what it has downloaded into `FOLDER/root`.
# usage: prepare_own_apt FOLDER SUITE…
prepare_own_apt() {
  [ ! -e "$1" ] || { echo "${0##*/}: $1 exists already; name a folder that does not" >&2; return 2; }
  mkdir -p "$1"
  folder=$(cd "$1" && pwd)
  apt=$folder/apt
  shift
  trap 'rm -rf "$folder"' ERR
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  local mirror suite
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m1 '/debian/\?$') ||
    { echo "${0##*/}: apt knows no archive of Debian" >&2; return 1; }
  for suite in "$@"; do
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
  done >"$apt/sources.list"
  touch "$apt/status"
}

own_apt() {
  apt-get -qq -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null -o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$apt/status" \
    -o "Dir::Cache=$apt/cache" -o Acquire::Languages=none -o Acquire::Retries=3 -o "APT::Sandbox::User=$(id -un)" "$@"
}

unpack_packages() {
  local package
  for package in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
  rm -rf "$apt"
}
