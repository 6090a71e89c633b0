#!/bin/sh
# Tries a package in a bare Debian 12: installs it, runs the quickstart and a few commands in another folder, removes
# it, and looks for what it left. Needs root, mmdebstrap and the network. The arguments behind the file go to the
# quickstart:
#   sh packaging/try_deb.sh build/moonstem_0.2.0_amd64.deb --scale smoke
set -eu
deb=$(realpath "$1")
shift
root=$(mktemp -d)
trap 'umount "$root/proc" 2>/dev/null; rm -rf "$root"' EXIT

inside() { chroot "$root" /usr/bin/env DEBIAN_FRONTEND=noninteractive HOME=/root LC_ALL=C.UTF-8 "$@"; }

# Every file outside the folders that apt, dpkg and programs fill by themselves.
files() { (cd "$root" && find . -xdev \( -path ./var -o -path ./tmp -o -path ./root -o -path ./dev \
  -o -path ./proc \) -prune -o -type f -print | sort); }

echo "== a bare Debian 12"
mmdebstrap --quiet --variant=apt bookworm "$root"
cp /etc/resolv.conf "$root/etc/resolv.conf"
mount -t proc proc "$root/proc"
inside apt-get update -qq
cp "$deb" "$root/tmp/moonstem.deb"

echo "== installing"
inside apt-get install -y -qq -o Dpkg::Use-Pty=0 /tmp/moonstem.deb >"$root/tmp/apt.log" 2>&1 || {
  tail -20 "$root/tmp/apt.log"
  exit 1
}
before=$(files)

echo "== using it"
inside moonstem --version
inside moonstem -e 'ms.ones{2, 3}:sum():item()'
inside moonstem help ms.audio.stft | head -1
inside sh -c 'mkdir -p /root/work && cd /root/work && exec moonstem /usr/share/moonstem/recipes/quickstart.lua "$@"' sh "$@"
[ "$(files)" = "$before" ] || { echo "using it wrote outside the user's folders" >&2; exit 1; }

echo "== removing"
names=$(inside dpkg -L moonstem | grep moonstem)
inside apt-get purge -y -qq moonstem >/dev/null 2>&1
for name in $names; do
  [ ! -e "$root$name" ] || { echo "left behind: $name" >&2; exit 1; }
done
echo "installed, used and removed; nothing is left of it"
