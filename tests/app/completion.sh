#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# completion.sh BUILD PREFIX: what bash offers after some beginnings of a line, from the file that an install leaves.
set -euo pipefail
rm -rf "$2"
cmake --install "$1" --prefix "$2" --component runtime > /dev/null
source "$2/share/bash-completion/completions/sinterscope"
offers() {  # offers EXPECTED WORD...
  local expected=$1
  shift
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  _sinterscope
  if [ "${COMPREPLY[*]}" != "$expected" ]; then
    echo "after '$*': '${COMPREPLY[*]}', expected '$expected'" >&2
    exit 1
  fi
}
offers "report" sinterscope rep
offers "simulate stages" sinterscope s
offers "--figures" sinterscope report --fi
offers "--temperature-c" sinterscope predict --te
cd "$(mktemp -d)"
touch pipeline.json
offers "pipeline.json" sinterscope run pipe
offers "pipeline.json" sinterscope report x --pipeline pi
rm pipeline.json && rmdir "$PWD"
complete -p sinterscope > /dev/null
