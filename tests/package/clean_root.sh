#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# clean_root.sh FOLDER SCENE: installs the packages of FOLDER into a fresh minimal Debian, in which apt finds what they depend on,
# and runs the program and the Python module there. Needs root, mmdebstrap and a Debian mirror; skips (77) without them.
set -eu
folder=$1 scene=$2 root=$1/root
skip() { echo "skipped: $1"; exit 77; }
[ "$(id -u)" -eq 0 ] || skip "a root directory can only be made by root"
command -v mmdebstrap > /dev/null || skip "mmdebstrap is not installed"
. /etc/os-release
[ "${ID:-}" = debian ] || skip "the packages depend on Debian's libraries, this is ${ID:-unknown}"
rm -rf --one-file-system "$root"
trap 'rm -rf --one-file-system "$root"' EXIT
mmdebstrap --mode=root --variant=apt "$VERSION_CODENAME" "$root" > "$folder/mmdebstrap.log" 2>&1 ||
  skip "mmdebstrap failed here: $(grep '^E:' "$folder/mmdebstrap.log" | tail -n 1)"
# With /proc, as every running system has it; the mount lives and dies with the command.
inside() {
  unshare --mount sh -ec 'root=$1; shift; mount -t proc proc "$root/proc"; exec chroot "$root" "$@"' sh "$root" \
    env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
}
inside true 2> /dev/null || skip "this machine does not let /proc be mounted in a root directory"
cp "$scene" "$root/tmp/scene.json"
packages=()
for package in "$folder"/sinterscope_*.deb "$folder"/python3-sinterscope_*.deb; do
  [ ! -e "$package" ] || { cp "$package" "$root/tmp/" && packages+=("/tmp/$(basename "$package")"); }
done
{ inside apt-get update -qq && inside apt-get install -y -qq --no-install-recommends "${packages[@]}"; } > "$folder/apt.log" 2>&1 ||
  { tail -n 30 "$folder/apt.log"; exit 1; }

inside sinterscope predict --dh-ev -0.16 --temperature-c 499.85 | grep -q '0\.0322'
inside sinterscope simulate /tmp/scene.json --out /tmp/data --quiet > /dev/null
inside sinterscope run /tmp/data/pipeline.json --out /tmp/out --quiet > /dev/null
inside test -s /tmp/out/report.html
case "${packages[*]}" in *python3*)
  inside python3 -c 'import sinterscope; assert abs(sinterscope.critical_concentration(-0.16, 773.0) - 0.0322) < 5e-5' ;;
esac
inside apt-get remove -y -qq sinterscope > /dev/null 2>&1
inside test ! -e /usr/share/sinterscope
echo "${#packages[@]} packages installed into a fresh $PRETTY_NAME, run and removed"
