#!/bin/sh
# Every [NameYYYY] cited in code, cards and documents has an entry in doc/refs.bib.
cd "${top_srcdir:-$(dirname "$0")/..}" || exit 99
bad=0 seen=0
for key in $(grep -rohE '\[[A-Z][A-Za-z]+[0-9]{4}[a-z]*' src include devices studies doc netlists --include='*.[ch]' \
  --include='*.yaml' --include='*.md' | tr -d '[' | sort -u); do
  seen=$((seen + 1))
  grep -q "{$key," doc/refs.bib || { echo "doc/refs.bib: saw no entry for $key"; bad=1; }
done
[ "$seen" -gt 0 ] || { echo "saw no citation at all"; bad=1; }
exit $bad
