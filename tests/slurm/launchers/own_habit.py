"""Submits as many research repositories do: writes a temporary batch file, calls `sbatch FILE`, reads the job's id out
of "Submitted batch job N", and removes the file again."""

import os
import re
import subprocess
import sys
import tempfile

SCRIPT = """\
#!/bin/bash
#SBATCH --job-name=own-habit
#SBATCH --partition=lrz-cpu
#SBATCH --qos=cpu
#SBATCH --time=2
#SBATCH --mem=200
#SBATCH --output={output}
echo "job $SLURM_JOB_ID says $((6 * 7))"
"""

output = os.path.abspath(sys.argv[1])
with tempfile.NamedTemporaryFile("w", suffix=".sbatch", delete=False) as file:
    file.write(SCRIPT.format(output=output))
try:
    answer = subprocess.run(["sbatch", file.name], capture_output=True, text=True)
finally:
    os.unlink(file.name)
if answer.returncode != 0:
    sys.exit(f"sbatch ended with {answer.returncode}: {answer.stderr}")
job = re.fullmatch(r"Submitted batch job (\d+)\n", answer.stdout)
if job is None:
    sys.exit(f"sbatch said {answer.stdout!r}")
if os.path.exists(file.name):
    sys.exit(f"{file.name} is still there")
print(job.group(1))
