# shellcheck shell=bash
# Sourced by ./build, ./test, ./demo and ./bench: installs Debian packages that are missing.
#
#   need PROBE=PACKAGE ...   PROBE is a command, or a path that the package brings.

need() {
  local missing=() entry probe
  for entry in "$@"; do
    probe=${entry%%=*}
    case $probe in
      /*) [ -e "$probe" ] || missing+=("${entry#*=}") ;;
      *) PATH=$PATH:/usr/sbin:/sbin command -v "$probe" >/dev/null || missing+=("${entry#*=}") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)

  if ! command -v apt-get >/dev/null; then
    echo "missing: ${missing[*]} (Debian's names): please install them, there is no apt-get here" >&2
    return 1
  fi
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "missing: ${missing[*]}: run this as root once, or install them" >&2; return 1; }
    as_root=(sudo)
  fi
  echo "installing ${missing[*]}"
  install_quietly "${missing[@]}"
}

# Debian starts a service as soon as its package is installed (nginx on port 80, ldirectord, ipvsadm). Nobody asked for
# these: policy-rc.d forbids it while apt runs, and what stood there before comes back, after an interrupt too (the subshell).
install_quietly() (
  policy=/usr/sbin/policy-rc.d kept='' status=0
  log=$(mktemp)
  if [ -e "$policy" ]; then
    kept=$(mktemp -u "$policy.XXXXXX")
    "${as_root[@]}" mv "$policy" "$kept"
  fi
  restore() {
    "${as_root[@]}" rm -f "$policy"
    [ -z "$kept" ] || "${as_root[@]}" mv "$kept" "$policy"
    rm -f "$log"
  }
  trap restore EXIT
  trap 'exit 130' INT TERM
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"

  # Package lists older than a day may name versions that the mirror no longer has.
  if [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -1 -print -quit 2>/dev/null)" ]; then
    "${as_root[@]}" apt-get update -q >"$log" 2>&1 || status=$?
  fi
  [ "$status" != 0 ] || "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "$@" >>"$log" 2>&1 || status=$?
  [ "$status" = 0 ] || tail -n 20 "$log" >&2
  exit "$status"
)

need_dotnet() {
  # Preset DOTNET_ROOT or a user's own installation counts as installed.
  PATH=$PATH:${DOTNET_ROOT:-/usr/share/dotnet}:$HOME/.dotnet
  export PATH DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
  if ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    echo "The .NET 10 SDK is missing: https://learn.microsoft.com/dotnet/core/install/linux-debian" >&2
    return 1
  fi
}
