# SPDX-License-Identifier: GPL-3.0-or-later
# cmake -DIN=file -DOUT=file.cpp -DSYMBOL=name -P embed_file.cmake
# Turns a file into a C++ source with its bytes and their SHA-256, so that a page can carry the file and name its hash
# in a content security policy. IN may be empty: then an empty asset is written.
set(hex "")
set(hash "")
if(IN)
  file(READ "${IN}" hex HEX)
  file(SHA256 "${IN}" hash)
endif()
string(LENGTH "${hex}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REPEAT "0x[0-9a-f][0-9a-f]," 24 row)
string(REGEX REPLACE "(${row})" "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}.tmp" "// Made by cmake/embed_file.cmake; do not edit.
#include \"assets.h\"
namespace sinterscope {
namespace {
constexpr unsigned char bytes[] = {
${bytes}0};
}
extern const Asset ${SYMBOL};
const Asset ${SYMBOL}{{reinterpret_cast<const char*>(bytes), ${size}}, \"${hash}\"};
} // namespace sinterscope
")
file(COPY_FILE "${OUT}.tmp" "${OUT}" ONLY_IF_DIFFERENT)
file(REMOVE "${OUT}.tmp")
