"""Submits a function with submitit, and prints what it gave in the job."""

import os
import sys

import submitit


def answer(first, second):
    """Multiplies, on the compute node."""
    return first * second, os.uname().nodename


executor = submitit.AutoExecutor(folder=sys.argv[1], cluster="slurm")
executor.update_parameters(
    slurm_partition="lrz-cpu",
    slurm_qos="cpu",
    timeout_min=2,
    mem_gb=1,
    name="with-submitit",
)
jobs = [executor.submit(answer, 6, second) for second in (7, 8)]
for job in jobs:
    product, node = job.result()
    print(product, node)
