#!/usr/bin/env bash
# Two VPPs joined by a memif, a sidecar beside each, both configured over gNMI
# alone, and a ping across.
#
#   examples/vpp/run.sh [VPP]        VPP: the program, default the vpp on the PATH
#
# Needs root, gnmic (make tools) and VPP 25.10 with its plugins memif and ping; no
# hugepages, no DPDK. All of it lives in a temporary folder and is gone at the end.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
export PATH="$top/.cache/tools:$PATH"

die() { echo "examples/vpp: $*" >&2; exit 1; }

vpp=${1:-$(command -v vpp || true)}
[ -n "$vpp" ] || die "there is no VPP: install VPP 25.10 (https://fd.io), or name the program: examples/vpp/run.sh /path/to/vpp"
[ -f "$vpp" ] && [ -x "$vpp" ] || die "$vpp is no program: name the VPP 25.10 to run"
vppctl=$(dirname "$vpp")/vppctl
[ -x "$vppctl" ] || vppctl=$(command -v vppctl) || die "there is no vppctl beside $vpp, nor on the PATH"
command -v gnmic >/dev/null || die "there is no gnmic: make tools"
[ "$(id -u)" = 0 ] || die "VPP wants to be run by root"
outrigger=$top/bin/outrigger
[ -x "$outrigger" ] || make -s -C "$top" build

dir=$(mktemp -d /tmp/outrigger-vpp.XXXXXX)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$dir"
}
trap finish EXIT

# until_so WHAT COMMAND: tries a command until it succeeds, ten seconds long.
until_so() {
  local what=$1 end=$((SECONDS + 10))
  shift
  until "$@" >"$dir/out" 2>&1; do
    [ $SECONDS -lt $end ] || { cat "$dir/out" "$dir"/*.log >&2; die "waited in vain for $what"; }
    sleep 0.1
  done
}

plugins=$(dirname "$vpp")/../lib
plugins=$(find "$plugins" -name memif_plugin.so -printf '%h\n' -quit 2>/dev/null || true)

# start NAME PORT: a VPP, and its sidecar.
start() {
  local name=$1 port=$2
  mkdir "$dir/$name"
  cat >"$dir/$name/startup.conf" <<CONF
unix { nodaemon runtime-dir $dir/$name cli-listen $dir/$name/cli.sock poll-sleep-usec 100 }
api-segment { prefix $name-$$ }
socksvr { socket-name $dir/$name/api.sock }
statseg { socket-name $dir/$name/stats.sock page-size 4k }
memory { main-heap-size 256M main-heap-page-size 4k }
buffers { buffers-per-numa 4096 page-size 4k }
plugins { ${plugins:+path $plugins} plugin dpdk_plugin.so { disable } }
CONF
  "$vpp" -c "$dir/$name/startup.conf" >"$dir/$name-vpp.log" 2>&1 &
  pids+=($!)
  cat >"$dir/$name/outrigger.yaml" <<CONF
dev: true
backend: vpp
listen: 127.0.0.1:$port
netconf-listen: 127.0.0.1:0
vpp:
  api-socket: $dir/$name/api.sock
  stats-socket: $dir/$name/stats.sock
CONF
  "$outrigger" run --config "$dir/$name/outrigger.yaml" >"$dir/$name.log" 2>&1 &
  pids+=($!)
}

gnmi() {
  local port=$1
  shift
  gnmic -a "127.0.0.1:$port" -u admin -p admin --skip-verify -e json_ietf "$@"
}

# connected PORT: the sidecar says that its VPP answers.
connected() {
  gnmi "$1" get --path /outrigger-ext:realization/state/connected --values-only | grep -q true
}

echo "starting two VPPs, and a sidecar for each"
start west 9351
start east 9352
until_so "the sidecar west" connected 9351
until_so "the sidecar east" connected 9352

echo "configuring both over gNMI"
for side in west:9351 east:9352; do
  name=${side%:*} port=${side#*:}
  sed "s|@DIR@|$dir|" "$here/$name.json" >"$dir/$name.json"
  gnmi "$port" set --update-path / --update-file "$dir/$name.json" >/dev/null
done

up() {
  gnmi 9351 get --path '/interfaces/interface[name=to-east]/state/oper-status' --values-only | grep -q '"UP"'
}
until_so "the memif to come up" up

echo "pinging from west to the network behind east"
across() {
  "$vppctl" -s "$dir/west/cli.sock" ping 203.0.113.1 source inside repeat 3 interval 0.2 >"$dir/ping" && grep -q ' 0% packet loss' "$dir/ping"
}
until_so "a ping without loss" across
cat "$dir/ping"

echo "what west's sidecar has counted on the memif:"
gnmi 9351 get --path '/interfaces/interface[name=to-east]/state/counters/out-pkts' --values-only
