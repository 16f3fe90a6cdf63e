"""Tries to reach Slurm in every way that a raw client has, and prints one line an attempt: NAME STATUS."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

tag, other_munge, job = sys.argv[1:]
WORK = ["-p", "lrz-cpu", "--qos=cpu", "-t", "1", "--mem=50"]


def forged(socket):
    """Makes a directory with a configuration that names another socket; the client looks for plugins beside it."""
    directory = f"conf{abs(hash(socket))}"
    shutil.copytree("/etc/slurm", directory, ignore=shutil.ignore_patterns("munge.key", "slurmdbd.conf"))
    with open(f"{directory}/slurm.conf") as file:
        lines = [line for line in file if not line.startswith("AuthInfo")]
    with open(f"{directory}/slurm.conf", "w") as file:
        file.writelines([*lines, f"AuthInfo=socket={socket}\n"])
    return {"SLURM_CONF": os.path.abspath(f"{directory}/slurm.conf")}


for client in ("sbatch", "srun"):
    shutil.copy(f"/usr/bin/{client}", f"./my-{client}")
bound = f"{other_munge}/munge.socket.2"
os.symlink("/run/munge/munge.socket.2", "link")
attempts = {
    "sbatch": (["/usr/bin/sbatch", "-J", f"{tag}-raw", *WORK, "--wrap", "true"], {}),
    "a-copy": (["./my-sbatch", "-J", f"{tag}-copy", *WORK, "--wrap", "true"], {}),
    "forged": (["./my-sbatch", "-J", f"{tag}-forged", *WORK, "--wrap", "true"], forged("/run/munge/munge.socket.2")),
    "a-link": (["/usr/bin/sbatch", "-J", f"{tag}-link", *WORK, "--wrap", "true"], forged(os.path.abspath("link"))),
    "a-bind-mount": (["/usr/bin/sbatch", "-J", f"{tag}-bind", *WORK, "--wrap", "true"], forged(bound)),
    "srun": (["/usr/bin/srun", "-J", f"{tag}-srun", *WORK, "true"], {}),
    "a-copied-srun": (["./my-srun", "-J", f"{tag}-srun", *WORK, "true"], {}),
    "salloc": (["/usr/bin/salloc", "-J", f"{tag}-salloc", *WORK, "true"], {}),
    "scontrol": (["/usr/bin/scontrol", "update", f"JobId={job}", "Comment=reached"], {}),
    "munge": (["munge", "-n"], {}),
    "munge-by-bind-mount": (["munge", "-n", "--socket", bound], {}),
}


def attempt(name):
    """Makes one attempt."""
    command, variables = attempts[name]
    done = subprocess.run(command, env={**os.environ, **variables}, capture_output=True, text=True)
    print(done.stderr, file=sys.stderr)
    return name, done.returncode


with ThreadPoolExecutor(len(attempts)) as pool:
    for name, status in pool.map(attempt, attempts):
        print(name, status)
