#!/usr/bin/env bash
# Fuzzes both targets for so many seconds each (600 without an argument), one after the other, with
# the corpus of the tests, the examples and the standard library as seeds. A name behind the seconds
# runs that target only. Needs `cargo install cargo-fuzz` and a C++ compiler; no nightly.
#
#   fuzz/run.sh 600          both targets, ten minutes each
#   fuzz/run.sh 60 check     one minute of one target
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-600}
[ $# -gt 0 ] && shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(parse check)

# The sanitizer's flags are unstable; this lets the stable compiler take them.
export RUSTC_BOOTSTRAP=1

seeds=fuzz/corpus/seeds
mkdir -p "$seeds"
find tests/corpus tests/spec examples stdlib -type f \( -name '*.sruja' -o -name '*.md' \) -print0 |
  while IFS= read -r -d '' file; do cp "$file" "$seeds/${file//\//-}"; done

# Words of the language, so that a mutation is more often one.
words=fuzz/corpus/words.dict
cat "$seeds"/* | grep -aoE '[A-Za-z_][A-Za-z_0-9]{2,}|[0-9]+[a-z/%]+|->|\.\.' | sort | uniq -c | sort -rn |
  awk 'NR <= 500 { print "\"" $2 "\"" }' > "$words"

for target in "${targets[@]}"; do
  mkdir -p "fuzz/corpus/$target"
  # Neither the library nor the targets have unsafe code; without a sanitizer ten times as many inputs are tried.
  cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" "$seeds" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=32768 -dict="$words" -print_final_stats=1
done
