#!/usr/bin/env bash
# Runs every fuzz target of the module: those that read what comes from outside
# first hand for LONG, the others for SHORT.
#   fuzz.sh LONG SHORT          e.g. fuzz.sh 30s 5s
set -euo pipefail
long=${1:?usage: fuzz.sh LONG SHORT} short=${2:?usage: fuzz.sh LONG SHORT}
cd "$(dirname "$0")/../.."

# gNMI paths and values, NETCONF framing and messages, XML, JSON, XPath, and the
# compact schema; what VPP says.
first_hand=" northbound/gnmi.FuzzPath northbound/gnmi.FuzzValue northbound/netconf.FuzzFraming northbound/netconf.FuzzRPC \
agent/codec/xmlcodec.FuzzReader agent/codec/jsoncodec.FuzzScanner agent/codec/jsoncodec.FuzzDecode agent/codec/typedcodec.FuzzDecode \
agent/xpath.FuzzXPath agent/schema.FuzzLoad southbound/vpp/conn.FuzzFrames southbound/vpp/segment.FuzzRead "

log=$(mktemp)
trap 'rm -f "$log"' EXIT
found=0
while IFS=: read -r file line; do
  dir=$(dirname "$file")
  name=$(sed -E 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/' <<<"$line")
  time=$short
  case "$first_hand" in *" $dir.$name "*) time=$long && found=$((found + 1)) ;; esac
  echo "fuzz $dir $name $time"
  # Minimizing what is merely interesting would take most of a short run.
  if ! go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 1x "./$dir" </dev/null >"$log" 2>&1; then
    cat "$log"
    # A finding has an input that failed, or a panic. Without either, the go command
    # has taken the end of the time for an error (golang.org/issue/75804): then the
    # corpus must pass.
    if grep -qE 'Failing input|panic|hung or terminated' "$log" || ! grep -qx '    context deadline exceeded' "$log"; then
      exit 1
    fi
    go test -count=1 -run "^$name\$" "./$dir"
    continue
  fi
  tail -n 2 "$log"
done < <(git grep -E '^func Fuzz' -- '*_test.go')

if [ "$found" -ne "$(wc -w <<<"$first_hand")" ]; then
  echo "fuzz.sh: of the targets listed as first hand only $found exist" >&2
  exit 1
fi
