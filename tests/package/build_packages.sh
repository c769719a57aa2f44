#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# build_packages.sh BUILD FOLDER VERSION: packs a finished build, unpacks the packages beside each other, and runs the program
# from there: with dependencies that name its libraries, sections, the licence, and documents.
set -eu
build=$1 folder=$2 version=$3
rm -rf "$folder" && mkdir -p "$folder" && cd "$folder"
command -v dpkg-shlibdeps > /dev/null || { echo "skipped: dpkg-shlibdeps is not installed (Debian: dpkg-dev)"; exit 77; }
cpack --config "$build/CPackConfig.cmake" -B "$folder" -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip > cpack.log || { cat cpack.log; exit 1; }

field() { dpkg-deb --field "$folder/$1"_*.deb "$2"; }
expect() { # NAME FIELD PATTERN
  field "$1" "$2" | grep -Eq "$3" || { echo "$1: $2 is '$(field "$1" "$2")', without $3"; exit 1; }
}
expect sinterscope Version "^$version$"
expect sinterscope Section '^science$'
for library in libinsighttoolkit5.2 libopencv-core406 libhdf5-103 libtiff6 libtbb12 libc6; do
  expect sinterscope Depends "(^|, )$library"
done
expect libsinterscope-dev Section '^libdevel$'
expect libsinterscope-dev Depends 'libceres-dev'
for package in *.deb; do
  dpkg-deb --extract "$package" tree
  [ -s "tree/usr/share/doc/${package%%_*}/copyright" ] || { echo "$package: no copyright file"; exit 1; }
done
[ -e tree/usr/share/doc/sinterscope/README.md ]
[ -e tree/usr/share/doc/sinterscope/CHANGELOG.md ]
gzip --decompress --stdout tree/usr/share/man/man1/sinterscope.1.gz | grep -q '^\.SS sinterscope report'
[ "$(tree/usr/bin/sinterscope --version)" = "$version" ]
tree/usr/bin/sinterscope inspect tree/usr/share/sinterscope/sample_data/pd_ceo2_cycle/02_cube-1_200C.tif > /dev/null
tree/usr/bin/sinterscope xps tree/usr/share/sinterscope/pipelines/pd_ceo2_xps.json --out xps > /dev/null
rm -rf tree _CPack_Packages
