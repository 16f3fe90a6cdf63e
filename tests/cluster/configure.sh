# shellcheck shell=bash disable=SC2154
# Writes all configuration of a cluster into DIR. Sourced by `up`, which says what DIR, PORT and so on are.

PORT_DBD=$(( PORT + 1 )) PORT_SSH=$(( PORT + 2 )) PORT_NODES=$(( PORT + 8 ))
HOME_DIR=$(getent passwd "$USER_NAME" | cut -d: -f6)

# Mount points, used in the machines' own mount namespaces only.
mkdir -p /dss /etc/slurm /run/munge /run/sshd

# What the user has: a home that starts empty, and a directory in the group's storage.
chown "$USER_NAME:" home
chmod 755 home
mkdir -p "dss/group/$USER_NAME"
chown "$USER_NAME:" "dss/group/$USER_NAME"
cat >home/.bashrc <<CONF
# bash reads this also for \`ssh HOST COMMAND\`.
export PATH=$HOME_DIR/.local/bin:/usr/local/bin:/usr/bin:/bin HLRP_DSS=/dss/group/$USER_NAME
CONF
chown "$USER_NAME:" home/.bashrc

# --------------------------------------------------------------------------------------------- munge, Slurm

[[ -s etc/munge.key ]] || head -c 128 /dev/urandom >etc/munge.key
chown munge: etc/munge.key run/munge
chmod 400 etc/munge.key
chmod 755 run/munge
chown mysql: run/mysql mysql
chown slurm: state

with_groups() { if [[ -n $CONTROLLERS ]]; then echo "$1"; else echo "$2"; fi; }

{
    cat <<CONF
ClusterName=hlrp-ai
SlurmctldHost=$CONTROL(127.0.0.1)
SlurmctldPort=$PORT
SlurmUser=slurm
AuthType=auth/munge
AuthInfo=socket=$DIR/run/munge/munge.socket.2
StateSaveLocation=$DIR/state
SlurmctldPidFile=$DIR/state/slurmctld.pid
SlurmctldLogFile=$DIR/log/slurmctld.log
SlurmdSpoolDir=$DIR/spool/%n
SlurmdPidFile=$DIR/spool/%n.pid
SlurmdLogFile=$DIR/log/slurmd-%n.log
SlurmctldDebug=verbose
SlurmdDebug=verbose
# Nodes claim more CPUs and memory than this machine has.
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
MailProg=/bin/true
TaskPlugin=$(with_groups task/cgroup task/none)
ProctrackType=$(with_groups proctrack/cgroup proctrack/linuxproc)
$(with_groups PrologFlags=Contain '')
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=5
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=1000
GresTypes=gpu
# Quick answers: schedule at once, keep short waits short.
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,bf_min_age_reserve=0,batch_sched_delay=1,sched_min_interval=100000,max_rpc_cnt=0
PriorityType=priority/basic
KillWait=3
MessageTimeout=10
# A job over its time is ended within this many seconds after the minute.
OverTimeLimit=0
MaxArraySize=2001
MaxJobCount=20000
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort=$PORT_DBD
# The munge socket for slurmdbd: AuthInfo is not used for it.
AccountingStoragePass=$DIR/run/munge/munge.socket.2
AccountingStorageEnforce=associations,limits,qos
AccountingStorageTRES=gres/gpu
# Refuse at sbatch what no listed partition would ever run (wrong QOS, too long).
EnforcePartLimits=ANY
JobCompType=jobcomp/none
PlugStackConfig=/etc/slurm/plugstack.conf
CONF
    port=$PORT_NODES
    while read -r partition list gpus cpus memory qos; do
        [[ -n $partition ]] || continue
        for node in $(nodes_of "$list"); do
            gres=
            (( gpus == 0 )) || gres=" Gres=gpu:$gpus"
            echo "NodeName=$node NodeHostname=$node NodeAddr=127.0.0.1 Port=$port CPUs=$cpus RealMemory=$memory$gres State=UNKNOWN"
            port=$(( port + 1 ))
        done
        echo "PartitionName=$partition Nodes=$list AllowQos=$qos MaxTime=2-00:00:00 DefaultTime=01:00:00 State=UP"
    done <<<"$PARTITIONS"
} >etc/slurm.conf

while read -r partition list gpus _; do
    (( ${gpus:-0} == 0 )) || echo "NodeName=$list Name=gpu File=$DIR/dev/nvidia[0-$(( gpus - 1 ))]"
done <<<"$PARTITIONS" >etc/gres.conf
# Slurm wants character devices for GPUs, to count them and to set CUDA_VISIBLE_DEVICES. Nothing is behind these (195 is
# nvidia's major number), and ConstrainDevices=no leaves them alone.
for number in 0 1 2 3 4 5 6 7; do
    [[ -c dev/nvidia$number ]] || mknod "dev/nvidia$number" c 195 "$number"
done

cat >etc/cgroup.conf <<CONF
CgroupPlugin=cgroup/v1
CgroupMountpoint=/sys/fs/cgroup
ConstrainCores=no
ConstrainDevices=no
ConstrainRAMSpace=yes
ConstrainSwapSpace=no
CONF

# The stand-in for pyxis: see container_options.c.
if [[ $HERE/container_options.c -nt lib/container_options.so ]]; then
    cc -shared -fPIC -O2 -Wall -o lib/container_options.so.new "$HERE/container_options.c"
    mv lib/container_options.so.new lib/container_options.so
fi
echo "required $DIR/lib/container_options.so" >etc/plugstack.conf

# ---------------------------------------------------------------------------------------- the accounting

cat >etc/slurmdbd.conf <<CONF
AuthType=auth/munge
AuthInfo=socket=$DIR/run/munge/munge.socket.2
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=$PORT_DBD
SlurmUser=slurm
LogFile=$DIR/log/slurmdbd.log
PidFile=$DIR/state/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=slurm
StorageLoc=slurm_acct_db
CONF
chown slurm: etc/slurmdbd.conf
chmod 600 etc/slurmdbd.conf

# The database trusts the system's users over its socket: there are no passwords.
cat >etc/database.sql <<'CONF'
CREATE DATABASE IF NOT EXISTS slurm_acct_db;
CREATE USER IF NOT EXISTS slurm@localhost IDENTIFIED VIA unix_socket;
GRANT ALL ON slurm_acct_db.* TO slurm@localhost;
CONF

# ------------------------------------------------------------------------------------- the login node's sshd

[[ -s ssh/host_key ]] || ssh-keygen -q -t ed25519 -N '' -C "$LOGIN" -f ssh/host_key
[[ -s ssh/id ]] || ssh-keygen -q -t ed25519 -N '' -C "$USER_NAME" -f ssh/id
cp ssh/id.pub ssh/authorized_keys
chmod 644 ssh/authorized_keys
echo "[127.0.0.1]:$PORT_SSH $(cut -d' ' -f1,2 ssh/host_key.pub)" >ssh/known_hosts
cat >etc/sshd_config <<CONF
ListenAddress 127.0.0.1
Port $PORT_SSH
HostKey $DIR/ssh/host_key
PidFile none
AuthorizedKeysFile $DIR/ssh/authorized_keys
AuthenticationMethods publickey
AllowUsers $USER_NAME
UsePAM no
# DIR may lie under /tmp, which StrictModes would refuse.
StrictModes no
PrintMotd no
# Many commands over one connection.
MaxSessions 100
MaxStartups 100
Subsystem sftp internal-sftp
CONF
cat >ssh_config <<CONF
# ssh -F $DIR/ssh_config ai squeue --me
Host ai
  HostName 127.0.0.1
  Port $PORT_SSH
  User $USER_NAME
  IdentityFile $DIR/ssh/id
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile $DIR/ssh/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
CONF

# ------------------------------------------------------------------------------------------ ways in from here

cat >env.sh <<CONF
# To be sourced: makes sbatch, squeue, ... of this machine speak to the cluster.
export SLURM_CONF=$DIR/etc/slurm.conf HLRP_CLUSTER=$DIR
CONF

cat >bin/on <<CONF
#!/bin/bash
# on MACHINE [-u USER] COMMAND...: runs a command on a machine, in all its namespaces, as root or USER, with a clean
# environment.
set -eu
machine=\$1
shift
user=root
if [ "\${1:-}" = -u ]; then user=\$2; shift 2; fi
pid=\$(cat "$DIR/run/node/\$machine") || { echo "on: there is no machine \$machine" >&2; exit 2; }
# nsenter does not change control groups.
for procs in /sys/fs/cgroup/*/hlrp-cluster-$PORT/"\$machine"/cgroup.procs; do
    [ ! -e "\$procs" ] || echo \$\$ >"\$procs"
done
home=\$(getent passwd "\$user" | cut -d: -f6)
as=() own=()
if [ "\$user" != root ]; then
    as=(setpriv --reuid "\$user" --regid "\$(id -g "\$user")" --init-groups)
    own=(HLRP_DSS="/dss/group/\$user")
fi
exec nsenter -t "\$pid" --uts --mount --pid --cgroup --wdns="\$home" "\${as[@]}" \\
    env -i "\${own[@]}" HOME="\$home" USER="\$user" LOGNAME="\$user" SHELL=/bin/bash LANG=C.UTF-8 TERM="\${TERM:-dumb}" \\
    PATH="\$home/.local/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" "\$@"
CONF
chmod 755 bin/on
