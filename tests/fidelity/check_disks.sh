#!/usr/bin/env bash
#
# check_disks.sh SWAPSIM - on disks the designs count the same events within 1 % in workloads of one task: medians of 10
# seeds, as what ends first is chance, and which pages a run loses by it differs by 1 to 3 % between seeds of one kernel.
# The limit is away from where the data just fits: there what 6.18 changed about the choice of slots shows, see
# docs/releases.md.

set -euo pipefail
swapsim=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
bounds=()
for figure in pswpin pswpout workingset_refault_anon pgmajfault; do
	bounds+=(--fail-if "$figure>101%" --fail-if "$figure<99%")
done

check() {
	cat >"$folder/$1.json" <<-EOF
		{ "format": 1, "name": "$1", "machine": { "memory": "512MiB" }, "swap": [ { "device": "disk", "size": "256MiB" } ],
		  "cgroups": [ { "name": "half", "memory.max": "50%" } ],
		  "tasks": [ { "name": "task", "cgroup": "half", "workload": { "$1": { "size": "64MiB", "write_permille": 300,
		    "think": "2us", $2 } } } ] }
	EOF
	for disk in disk nvme-client; do
		"$swapsim" compare -q --kernel 6.18,6.12,6.14,6.17,7.0,7.0-fix,7.1,7.2 --seeds 1..10 --set "swap[0].device=$disk" \
			"${bounds[@]}" "$folder/$1.json" >"$folder/out" || { cat "$folder/out"; exit 1; }
	done
}

check seq '"passes": 4'
check rand '"accesses": 100000'
check zipf '"accesses": 200000'
