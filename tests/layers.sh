#!/bin/sh
# Holds every #include "folder/..." of src/ against tests/layers.tab.
cd "${top_srcdir:-$(dirname "$0")/..}" || exit 99
bad=0
for file in src/*/*.[ch]; do
  folder=$(basename "$(dirname "$file")")
  allowed=$(sed -n "s/^$folder://p" tests/layers.tab)
  grep -q "^$folder:" tests/layers.tab || { echo "$file: folder $folder is not in tests/layers.tab"; bad=1; }
  for used in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$file" | sort -u); do
    case " $folder $allowed " in
      *" $used "*) ;;
      *) echo "$file: $folder may not include $used (tests/layers.tab)"; bad=1 ;;
    esac
  done
done
exit $bad
