#!/bin/bash
# Starts a Slurm of one node on this machine (Debian's slurm-wlm and munge; root), asks it what it thinks of
# examples/cluster/slurm.sh, and runs that as an array of two shards on a small study. Everything it starts, it ends.
# usage: slurm.sh CLEARBOX STUDY MODEL
set -euo pipefail

clearbox=$(realpath "$1") study=$(realpath "$2") model=$3 script=$(realpath examples/cluster/slurm.sh)
work=$(mktemp -d)
host=$(hostname -s)
processes=()
trap 'for pid in "${processes[@]}"; do kill "$pid" 2>/dev/null || true; done; sleep 1; rm -rf "$work"' EXIT
mkdir -p "$work"/{state,spool,bin}
ln -s "$clearbox" "$work/bin/clearbox"
chmod 755 "$work"
head -c 1024 /dev/urandom >"$work/munge.key"
chown munge "$work" "$work/munge.key"
chmod 400 "$work/munge.key"
runuser -u munge -- munged --foreground --key-file="$work/munge.key" --socket="$work/munge.socket" \
  --pid-file="$work/munge.pid" --seed-file="$work/munge.seed" --log-file="$work/munge.log" >/dev/null 2>&1 &
processes+=($!)
cat >"$work/slurm.conf" <<CONF
ClusterName=one
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldPort=36817
SlurmdPort=36818
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=2000
PartitionName=all Nodes=$host Default=YES MaxTime=60 State=UP
CONF
export SLURM_CONF=$work/slurm.conf PATH=$work/bin:$PATH CLEARBOX_HOME=${CLEARBOX_HOME:-$PWD}
sleep 1
slurmctld -D -f "$SLURM_CONF" >"$work/slurmctld.log" 2>&1 &
processes+=($!)
slurmd -D -f "$SLURM_CONF" >"$work/slurmd.log" 2>&1 &
processes+=($!)
for _ in $(seq 60); do
  if sinfo -h -o %T 2>/dev/null | grep -q idle; then break; fi
  sleep 0.5
done
sinfo -h -o %T | grep -q idle || { tail -3 "$work"/slurm*.log >&2; exit 1; }

cd "$work"
clearbox plan "$study" --only "$model" --tokens "${TOKENS:-16384}" -o plan.json >/dev/null
export STUDY=$study MODEL=$model N=2
sbatch --test-only --array=1-2 --cpus-per-task=1 --mem=500 --time=10 --export=ALL "$script"
id=$(sbatch --parsable --array=1-2 --cpus-per-task=1 --mem=500 --time=10 --export=ALL "$script")
for _ in $(seq 300); do
  if [ -z "$(squeue -h -j "$id")" ]; then break; fi
  sleep 1
done
clearbox merge shards/"$model".shard-*-of-2 -o merged.h5 || { cat slurm-*.out >&2; exit 1; }
