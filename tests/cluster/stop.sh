#!/bin/sh
# Ends what start.sh has started in a folder, jobs too:  sh tests/cluster/stop.sh FOLDER
S=$(realpath "$1") || exit 1
export SLURM_CONF="$S/slurm.conf"
read -r net hosts <"$S/net" || hosts=0
if [ "$hosts" -eq 0 ]; then
  timeout 20 scancel -u root >/dev/null 2>&1
  for attempt in $(seq 20); do
    [ -n "$(timeout 5 squeue -h 2>/dev/null)" ] || break
    sleep 0.5
  done
fi
for i in $(seq "$hosts"); do   # a host's processes and jobs end with it; its pid file is of no use outside
  kill -9 $(ip netns pids "$net-$i") 2>/dev/null
  ip netns delete "$net-$i"
done
[ "$hosts" -eq 0 ] || ip link delete "$net"
[ "$hosts" -gt 0 ] || daemons=$(ls "$S"/slurmd-*.pid)
for file in ${daemons:-} "$S/slurmctld.pid" "$S/munged.pid"; do
  [ -f "$file" ] || continue
  pid=$(cat "$file")
  kill "$pid" 2>/dev/null || continue
  for attempt in $(seq 40); do
    kill -0 "$pid" 2>/dev/null || break   # it still writes what it knows
    sleep 0.25
  done
done
exit 0
