#!/bin/bash
# Says, one line a situation, what class the program believes this to be: NAME CLASS JOB.
# $1: a directory of one's own to forge things in.
forge=$1
mkdir -p "$forge/bin" "$forge/empty"
cat > "$forge/bin/squeue" <<'END'
#!/bin/sh
echo "42|$(id -u)|RUNNING"
END
cat > "$forge/bin/scontrol" <<'END'
#!/bin/sh
echo "JobId=42 JobName=x UserId=me($(id -u)) JobState=RUNNING NodeList=$(uname -n) BatchHost=$(uname -n)"
END
cp "$forge/bin/squeue" "$forge/bin/sinfo"
chmod +x "$forge"/bin/*
sed 's/^ClusterName=.*/ClusterName=forged/; s/^SlurmctldHost=.*/SlurmctldHost=nowhere(127.0.0.9)/' /etc/slurm/slurm.conf > "$forge/slurm.conf"
cp /bin/bash "$forge/slurmstepd"
read_class='import json,sys
try:
    found = json.load(sys.stdin); print(found["class"], found["job"])
except Exception as fault:
    print("unknown", fault)'
try() {
    local name=$1
    shift
    printf '%s %s\n' "$name" "$("$@" hlrp-sh context --json 2> /dev/null | python3 -c "$read_class")"
}
here=$(uname -n)
try plain env
try no-variables env -i HOME="$HOME" PATH="$PATH" HLRP_DSS="$HLRP_DSS"
try job-id env SLURM_JOB_ID=999999 SLURM_JOBID=999999
try job-id-nonsense env SLURM_JOB_ID='1; id'
try node-names env SLURMD_NODENAME=cpu-001 SLURM_NODELIST="$here" SLURM_JOB_NODELIST="$here" HOSTNAME=cpu-001 HOST=cpu-001
try user-names env USER=root LOGNAME=root SLURM_JOB_USER=root SLURM_JOB_UID=0
try conf env SLURM_CONF="$forge/slurm.conf"
try conf-missing env SLURM_CONF=/nowhere/slurm.conf
try conf-of-root env SLURM_CONF=/etc/passwd-
try path env PATH="$forge/bin:$PATH"
try path-alone env PATH="$forge/bin:$(dirname "$(command -v hlrp-sh)"):/bin"
try class-variables env HLRP_CLASS=compute HLRP_CONTEXT=compute CUDA_VISIBLE_DEVICES=0
try all env SLURM_JOB_ID=42 SLURM_JOBID=42 SLURM_NODELIST="$here" SLURM_CONF="$forge/slurm.conf" SLURMD_NODENAME="$here" PATH="$forge/bin:$PATH"
try false-step "$forge/slurmstepd" -c '"$@"; true' slurmstepd
try nested hlrp-sh run --
try nested-forged hlrp-sh run -- env SLURM_JOB_ID=42 SLURM_CONF="$forge/slurm.conf"
try namespace unshare --user --map-root-user
try namespace-names unshare --user --map-root-user --uts sh -c 'hostname cpu-001; exec "$@"' sh
try namespace-groups unshare --user --map-root-user --cgroup --mount
try namespace-step unshare --user --map-root-user "$forge/slurmstepd" -c '"$@"; true' slurmstepd
try namespace-processes unshare --user --map-root-user --pid --fork --mount-proc
try namespace-hides-slurm unshare --user --map-root-user --mount sh -c 'mount --bind '"$forge/empty"' /etc/slurm; mount --bind '"$forge/bin"' /usr/local/bin; exec "$@"' sh
if command -v bwrap > /dev/null; then
    try container bwrap --dev-bind / /
    try container-bare bwrap --dev-bind / / --tmpfs /etc/slurm --proc /proc --unshare-pid
fi
