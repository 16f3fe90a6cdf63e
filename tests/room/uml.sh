#!/usr/bin/env bash
# Runs a command as root on another kernel, with this machine's files: User Mode Linux, Debian's, as an ordinary process.
#
#     uml.sh IMAGE COMMAND [ARGUMENT...]     IMAGE is /dev/ubda there
#
# /tmp is empty there: what is given away on this machine's file system would still be the caller's.
# For what the running kernel may lack (quotas of projects on ext4). Prints what the command prints and ends as it does.
set -euo pipefail
readonly image=$1
shift
work=$(mktemp -d /var/tmp/hlrp-uml-XXXXXX)
trap 'rm -rf --one-file-system "$work"' EXIT
modules=$(echo /usr/lib/uml/modules/*/kernel/fs/quota)
{
    echo '#!/bin/bash'
    echo 'mount -t proc proc /proc; mount -t sysfs sys /sys; mkdir -p /dev/pts /dev/shm'
    echo 'mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts; mount -t tmpfs shm /dev/shm; mount -t tmpfs run /run; mount -t tmpfs tmp /tmp; chmod 1777 /tmp'
    # This machine's own /dev is not there; of devtmpfs the usual links are missing.
    echo 'ln -sf /proc/self/fd /dev/fd; ln -sf pts/ptmx /dev/ptmx'
    echo "insmod $modules/quota_tree.ko; insmod $modules/quota_v2.ko"
    echo "export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin HOME=/root"
    printf '%q ' "$@"
    echo "> $work/said 2>&1 < /dev/null"
    echo "echo \$? > $work/status"
    echo 'sync; echo o > /proc/sysrq-trigger; sleep 60'
} > "$work/init"
chmod 755 "$work" "$work/init"
timeout 300 linux.uml mem=512M "ubd0=$image" rootfstype=hostfs rootflags=/ rw "init=$work/init" con=null con0=null,null \
    > "$work/console" 2>&1 < /dev/null || true
[[ ! -e $work/said ]] || cat "$work/said"
if [[ ! -e $work/status ]]; then
    echo 'the other kernel did not come to an end:'
    tail -n 20 "$work/console"
    exit 1
fi
exit "$(<"$work/status")"
