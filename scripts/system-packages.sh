#!/usr/bin/env bash
# Installs what Debian has and this machine lacks. Usage: scripts/system-packages.sh demo|test
#
# demo: Python's venv, and npm for the dashboard's libraries (without npm only the plain page works)
# test: also a browser, what Playwright's own node and the trees of the forecasts need, and an independent Modbus master
#
# Says nothing and takes no time when all is there. Without root and sudo it says what to install.
set -euo pipefail

wanted=${1:?usage: scripts/system-packages.sh demo|test}

# What the program cannot do without, and what only some of it needs.
needed=()
useful=()
python=$(command -v python3 || true)
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  for other in python3.13 python3.12 python3.11 python3.14; do
    if command -v "$other" >/dev/null; then python=$other && break; fi
  done
fi
[ -n "$python" ] || needed+=(python3)
if [ -z "$python" ] || ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then needed+=(python3-venv); fi
command -v npm >/dev/null || useful+=(nodejs npm)
if [ "$wanted" = test ]; then
  command -v chromium >/dev/null || command -v chromium-browser >/dev/null || useful+=(chromium)
  [ -n "$(find -L /lib /usr/lib -maxdepth 2 -name 'libatomic.so.1' -print -quit 2>/dev/null)" ] || useful+=(libatomic1)
  [ -n "$(find -L /lib /usr/lib -maxdepth 2 -name 'libgomp.so.1' -print -quit 2>/dev/null)" ] || useful+=(libgomp1)
  command -v mbpoll >/dev/null || useful+=(mbpoll)
fi
missing=("${needed[@]}" "${useful[@]}")
[ ${#missing[@]} -gt 0 ] || exit 0

give_up() {
  echo "Missing: ${missing[*]}. $1" >&2
  [ ${#needed[@]} -eq 0 ] || exit 1
  echo "Going on without: what needs ${useful[*]} is left out." >&2
  exit 0
}

command -v apt-get >/dev/null || give_up "Install them with the package manager of this system."
if [ "$(id -u)" -eq 0 ]; then
  root=()
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
  root=(sudo DEBIAN_FRONTEND=noninteractive)
else
  give_up "Install them as root: apt-get install ${missing[*]}"
fi

echo "Installing ${missing[*]} ..."
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get update -qq || true
install() {
  # debconf complains about every minimal system; errors of apt itself still come through.
  "${root[@]}" apt-get install -qq -y --no-install-recommends "$@" 2>&1 >/dev/null | { grep -v '^debconf: ' || true; } >&2
}
if [ ${#needed[@]} -gt 0 ]; then
  install "${needed[@]}" || give_up "apt-get could not install them; its message stands above."
fi
# One by one where they do not come together: a missing browser must not cost the dashboard.
if [ ${#useful[@]} -gt 0 ] && ! install "${useful[@]}"; then
  for package in "${useful[@]}"; do
    install "$package" || echo "Going on without $package: apt-get could not install it." >&2
  done
fi
