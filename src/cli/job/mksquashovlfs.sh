#!/bin/bash
# Packs layers that lie over each other, in namespaces of its own: set-capability programs have no capabilities here.
set -euo pipefail
exec unshare --user --map-root-user --mount -- bash -c '
    set -euo pipefail
    mount -t overlay overlay -o "userxattr,lowerdir=$1" "$MOUNTPOINT"
    shift
    exec mksquashfs "$MOUNTPOINT" "$@"
' bash "$@"
