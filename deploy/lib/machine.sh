# shellcheck shell=bash
# What deploy/setup must know of a machine before it changes anything. Each check stops with one sentence.
# Tests point MD2_OS_RELEASE, MD2_CPUINFO, MD2_FREE_KIB and MD2_ROUTES elsewhere.

require_debian() {
  local file=${MD2_OS_RELEASE:-/etc/os-release} name
  # shellcheck disable=SC1090
  name=$(. "$file" 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-}") || name=unknown
  [ "$name" = "debian 12" ] ||
    stop "Expected Debian 12, found $name: use a Debian 12 machine or container."
}

require_processor() {
  local file=${MD2_CPUINFO:-/proc/cpuinfo}
  grep -qw avx2 "$file" ||
    stop "Expected an x86-64 processor with AVX2, found one without: use another machine."
}

require_disk() {
  local dir=$1 free
  free=${MD2_FREE_KIB:-$(df -Pk "$dir" | awk 'NR == 2 { print $4 }')}
  [ "$free" -ge $((8 * 1024 * 1024)) ] ||
    stop "Expected 8 GB of free disk for $dir, found $((free / 1024)) MB: free some, or set XDG_CACHE_HOME to a larger disk."
}

# A machine without any route but to itself reaches nothing, unless through a proxy.
require_network() {
  local routes=${MD2_ROUTES:-/proc/net/route} routes6=${MD2_ROUTES:-/proc/net/ipv6_route}
  [ -z "${http_proxy:-}${https_proxy:-}${HTTP_PROXY:-}${HTTPS_PROXY:-}" ] || return 0
  [ -r "$routes" ] || return 0
  awk 'NR > 1 && $1 != "lo" { found = 1 } END { exit !found }' "$routes" && return 0
  [ -r "$routes6" ] && awk 'NF == 10 && $NF != "lo" { found = 1 } END { exit !found }' "$routes6" && return 0
  stop "Expected a network to fetch what is missing, found no route: connect this machine, then run deploy/setup again."
}
