#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# mini_slurm.sh start DIR | stop DIR: a private one-node Slurm on loopback, without systemd, cgroups or accounting, as the
# user who calls it. `export SLURM_CONF=DIR/slurm.conf` to speak to it. Fails with a reason where it cannot start.
set -eu
command=$1 folder=$(realpath -m "$2")
export SLURM_CONF=$folder/slurm.conf PATH=$PATH:/usr/sbin

# A daemon that has ended is a zombie until init fetches it, which the init of a container may never do.
running() {
  kill -0 "$1" 2> /dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2> /dev/null
}

stop() {
  for file in slurmd slurmctld munged; do
    [ -f "$folder/$file.pid" ] || continue
    pid=$(cat "$folder/$file.pid")
    kill "$pid" 2> /dev/null || true
    for _ in $(seq 100); do running "$pid" || break; sleep 0.1; done
    kill -KILL "$pid" 2> /dev/null || true
  done
}

free_port() {
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 20000))
    (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return; }
  done
}

start() {
  for program in munged slurmctld slurmd sbatch; do
    command -v $program > /dev/null || { echo "no $program: install slurm-wlm and munge"; exit 1; }
  done
  mkdir -p "$folder"/{state,spool,log,munge}
  chmod 0755 "$folder"/{,state,spool,log}
  chmod 0711 "$folder/munge"
  host=$(hostname -s) user=$(id -un)
  head -c 1024 /dev/urandom > "$folder/munge/key"
  chmod 0600 "$folder/munge/key"
  munged --force --key-file="$folder/munge/key" --socket="$folder/munge/socket" --pid-file="$folder/munged.pid" \
    --log-file="$folder/log/munged.log" --seed-file="$folder/munge/seed" --num-threads=2 \
    || { echo "munged does not start: $(tail -n 1 "$folder/log/munged.log")"; exit 1; }
  cat > "$SLURM_CONF" << END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$user
SlurmdUser=$user
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
KillWait=1
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
  slurmctld -f "$SLURM_CONF" && slurmd -f "$SLURM_CONF" || { echo "slurmctld or slurmd does not start"; exit 1; }
  for _ in $(seq 60); do
    if sinfo -h -o %T 2> /dev/null | grep -q idle; then exit 0; fi
    sleep 0.5
  done
  echo "the node does not come up: $(tail -n 2 "$folder"/log/slurm*.log)"
  exit 1
}

case $command in
  start) start ;;
  stop) stop ;;
  *) echo "mini_slurm.sh start DIR | stop DIR"; exit 2 ;;
esac
