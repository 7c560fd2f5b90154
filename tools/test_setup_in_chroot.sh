#!/bin/sh
# Runs ./demo and ./test of the committed checkout on a bare Debian: debootstrap --variant=minbase in a chroot.
# As root only, with network; takes about 25 minutes on two processors and 3 GB under $TMPDIR.
# The machine's own mirror, certificates and pip settings are used; nothing else of it is visible inside.
#
#   tools/test_setup_in_chroot.sh [RELEASE]    bookworm (the default) or trixie
set -eu
cd "$(dirname "$0")/.."
release=${1:-bookworm}
if [ "$(id -u)" != 0 ]; then
  echo "tools/test_setup_in_chroot.sh makes a chroot, which needs root." >&2
  exit 1
fi
if ! command -v debootstrap >/dev/null; then
  apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends debootstrap
fi

root=$(mktemp -d "${TMPDIR:-/tmp}/espalier_fresh_XXXXXX")
cleanup() {
  ! mountpoint -q "$root/proc" || umount "$root/proc"
  # A mount that stayed would be emptied with the folder.
  if grep -q " $root/" /proc/self/mounts; then
    echo "something is still mounted below $root; the folder stays." >&2
  else
    rm -rf --one-file-system "$root"
  fi
}
trap cleanup EXIT
trap 'exit 1' INT TERM

started=$(date +%s)
lap() {
  now=$(date +%s)
  echo "fresh: $1: $((now - started)) s"
  started=$now
}

mirror=${ESPALIER_DEBIAN_MIRROR:-http://deb.debian.org/debian}
debootstrap --variant=minbase "$release" "$root" "$mirror" >"$root.log" 2>&1 || { cat "$root.log"; exit 1; }
rm -f "$root.log"
cp /etc/resolv.conf /etc/hosts "$root/etc/"
[ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/"
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  # Not at its usual place, which the package ca-certificates writes.
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/host-certificates.crt"
fi
# debootstrap has made the few devices that are needed.
mount -t proc proc "$root/proc"
lap "debootstrap $release"

git clone -q . "$root/srv/espalier"
lap "git clone"

inside() {
  env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PIP_CERT=/etc/host-certificates.crt ${http_proxy:+http_proxy="$http_proxy"} \
    ${https_proxy:+https_proxy="$https_proxy"} ${CMAKE_BUILD_PARALLEL_LEVEL:+CMAKE_BUILD_PARALLEL_LEVEL="$CMAKE_BUILD_PARALLEL_LEVEL"} \
    chroot "$root" /bin/sh -c "cd /srv/espalier && $1" </dev/null
}
# As a new user would: nothing but the README's two commands.
inside ./demo
lap "./demo"
inside ./demo
lap "./demo, again"
inside ./test
lap "./test"
