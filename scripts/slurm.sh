#!/bin/bash
# Trains on several machines under SLURM; the options are those of python -m gannotes train:
#
#   sbatch --nodes 4 --gpus-per-node 1 scripts/slurm.sh runs/cifar10 --dataset cifar10 --network conv
#
# One process a machine, which uses all of its GPUs. The repository, .venv and the data's cache (see
# GANNOTES_DATA) lie in a folder that all machines share. Submitted again, the training goes on.
#SBATCH --job-name=gannotes
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --time=02:00:00
set -euo pipefail
PORT=${PORT:-47100}  # free on all machines
PYTHON=${PYTHON:-.venv/bin/python}

tf_config() {  # all machines, and which of them this is, as TensorFlow wants to be told
    local workers
    workers=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | sed "s/.*/\"&:$PORT\"/" | paste -sd, -)
    echo "{\"cluster\": {\"worker\": [$workers]}, \"task\": {\"type\": \"worker\", \"index\": $SLURM_PROCID}}"
}

if [[ ${1:-} == --this-is-a-worker ]]; then
    shift
    TF_CONFIG=$(tf_config)
    export TF_CONFIG
    exec "$PYTHON" -m gannotes train "$@" --devices workers
fi
exec srun --kill-on-bad-exit=1 bash scripts/slurm.sh --this-is-a-worker "$@"
