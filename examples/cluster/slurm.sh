#!/bin/bash
# A study over the nodes of a Slurm cluster, whose home folders are shared:
#
#   N=16 STUDY=studies/gemma-3-article.yaml MODEL=gemma-3-12b
#   clearbox plan $STUDY --only $MODEL -o plan.json         # on a node like those that measure
#   id=$(sbatch --parsable --array=1-$N --export=ALL,N=$N,STUDY=$STUDY,MODEL=$MODEL examples/cluster/slurm.sh)
#   sbatch --dependency=afterok:$id --wrap="clearbox merge shards/$MODEL.shard-*-of-$N -o $MODEL.h5 && clearbox render $MODEL.h5"
#
# A task that is requeued goes on where it stopped.
#SBATCH --job-name=clearbox
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=16
#SBATCH --mem=48G
#SBATCH --time=08:00:00
#SBATCH --requeue
set -euo pipefail
: "${STUDY:?}" "${MODEL:?}" "${N:?}"
exec clearbox run "$STUDY" --only "$MODEL" --plan plan.json --shard "$SLURM_ARRAY_TASK_ID/$N" \
  --threads "${SLURM_CPUS_PER_TASK:-1}" --out shards
