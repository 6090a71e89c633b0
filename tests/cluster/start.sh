#!/bin/sh
# Starts a real Slurm as root, all of it in one folder:
#   sh tests/cluster/start.sh FOLDER [HOSTS [PROCESSORS]]
# Without HOSTS, or with 0: this machine is the only node, of two PROCESSORS. With it: so many nodes host1,
# host2, ..., each with an address, a host name, process numbers and a slurmd of its own (by
# namespaces), and the controller outside. Afterwards:  export SLURM_CONF=FOLDER/slurm.conf
# Needs slurmctld, slurmd, slurm-client, munge (and iproute2). stop.sh ends it.
set -eu
S=$(realpath "$1")
hosts=${2:-0}
cpus=${3:-2}
chmod 755 "$S"   # munged wants everybody to find its socket
mkdir -p "$S/munge" "$S/state"

mungekey --create --keyfile="$S/munge/key"
munged --key-file="$S/munge/key" --socket="$S/munge/socket" --pid-file="$S/munged.pid" \
  --log-file="$S/munge/log" --seed-file="$S/munge/seed"

# A port of the controller from the folder's name, so that several may run at once.
port=$((20000 + $(printf %s "$S" | cksum | cut -d' ' -f1) % 20000))
net=ms$port
address=127.0.0.1
nodes="NodeName=$(hostname -s) NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=$cpus RealMemory=8000"
if [ "$hosts" -gt 0 ]; then
  address=10.$((port / 256 % 256)).$((port % 256)).254
  nodes=$(for i in $(seq "$hosts"); do
    echo "NodeName=host$i NodeAddr=${address%.*}.$i Port=$((port + 1)) CPUs=$cpus RealMemory=8000"
  done)
fi

# cred_expire: a job that goes back into the queue waits so long; less than 5 is not taken.
# TmpFS: PMIx of two nodes must not meet in one folder.
# SlurmdTimeout: seconds until a node that says nothing is down, and its jobs start elsewhere.
cat >"$S/slurm.conf" <<C
ClusterName=moonstem
SlurmctldHost=$(hostname -s)($address)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$S/munge/socket,cred_expire=5
CredType=cred/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
StateSaveLocation=$S/state
SlurmdSpoolDir=$S/spool-%n
TmpFS=$S/tmp-%n
SlurmctldPidFile=$S/slurmctld.pid
SlurmdPidFile=$S/slurmd-%n.pid
SlurmctldLogFile=$S/slurmctld.log
SlurmdLogFile=$S/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=1
SlurmdTimeout=20
ReturnToService=2
MpiDefault=none
KillWait=5
MinJobAge=600
$nodes
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
C
export SLURM_CONF="$S/slurm.conf"
for node in $(sed -n 's/^NodeName=\([^ ]*\).*/\1/p' "$SLURM_CONF"); do mkdir -p "$S/tmp-$node"; done

# A bridge, and a pair of interfaces for each host: one end on the bridge, one in its namespace.
if [ "$hosts" -gt 0 ]; then
  ip link add "$net" type bridge
  ip address add "$address/24" dev "$net"
  ip link set "$net" up
fi
for i in $(seq "$hosts"); do
  space=$net-$i
  ip netns add "$space"
  ip link add "v$port-$i" type veth peer name eth0 netns "$space"
  ip link set "v$port-$i" master "$net" up
  ip -n "$space" address add "${address%.*}.$i/24" dev eth0
  ip -n "$space" link set eth0 up
  ip -n "$space" link set lo up
done
echo "$net $hosts" >"$S/net"

slurmctld
if [ "$hosts" -eq 0 ]; then slurmd; fi
# Each host's slurmd is process 1 there. (ip netns exec would hide /sys/fs/cgroup, which it wants.)
for i in $(seq "$hosts"); do
  setsid nsenter --net="/run/netns/$net-$i" unshare --uts --pid --fork --mount-proc \
    sh -c "hostname host$i; exec slurmd -D -N host$i" >/dev/null 2>&1 </dev/null &
done

want=$((hosts > 0 ? hosts : 1))
for attempt in $(seq 120); do
  [ "$(sinfo -h -N -o %T 2>/dev/null | grep -c '^idle')" -ge "$want" ] && exit 0
  sleep 0.5
done
echo "the nodes did not come up; see $S/slurmctld.log and $S/slurmd-*.log" >&2
exit 1
