# shellcheck shell=bash
# Debian packages: which of a list are missing, and how they come.

# missing_packages FILE...: the names in the files that this machine lacks, one a line.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u)
  grep -hv '^#' "$@" | sort -u | comm -23 - <(echo "$installed")
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    stop "Expected to be root or to have sudo for installing packages: run deploy/setup as root once."
  fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"; }

# install_packages NAME...: the package lists are fetched only where apt does not know a name, or no longer finds it.
install_packages() {
  say "installing Debian packages: $*"
  if apt-get -qq --simulate install --no-install-recommends "$@" >/dev/null 2>&1 &&
    apt install -y --no-install-recommends "$@"; then
    return
  fi
  apt -o APT::Update::Error-Mode=any update ||
    stop "Could not fetch Debian's package lists (apt-get says why above): check the network and /etc/apt, then run deploy/setup again."
  apt install -y --no-install-recommends "$@" ||
    stop "Could not install the packages above (apt-get says why): mend that, then run deploy/setup again."
}
