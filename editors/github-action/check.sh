#!/usr/bin/env bash
# `sruja check` with annotations; the status goes to the outputs of the step. Inputs come by the environment: none of them is
# ever part of a command.
set -uo pipefail
# Several files and arguments, separated by blanks; no file names are made of them.
set -f
# shellcheck disable=SC2206
files=(${FILES:-.}) arguments=(${ARGUMENTS:-})

"${PROGRAM:-sruja}" check --format github "${arguments[@]}" -- "${files[@]}"
status=$?
if [ "${FORMAT:-false}" = true ]; then
  "${PROGRAM:-sruja}" fmt --check -- "${files[@]}" || [ "$status" != 0 ] || status=1
fi
[ -z "${GITHUB_OUTPUT:-}" ] || echo "status=$status" >> "$GITHUB_OUTPUT"
exit "$status"
