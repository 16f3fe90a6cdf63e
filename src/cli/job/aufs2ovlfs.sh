#!/bin/bash
# Turns the whiteouts of a layer into those of overlayfs, as a user without capabilities may write them.
set -euo pipefail
hides_all() {
    if command -v setfattr > /dev/null; then
        setfattr -n user.overlay.opaque -v y -- "$1"
    else
        python3 -c 'import os, sys; os.setxattr(sys.argv[1], "user.overlay.opaque", b"y")' "$1"
    fi
}
find "$1" -depth -name '.wh.*' -print0 | while IFS= read -r -d '' path; do
    name=${path##*/}
    case $name in
    .wh..wh..opq)
        rm -f -- "$path"
        hides_all "${path%/*}"
        ;;
    .wh..wh.*)
        echo "hlrp-sh: a whiteout that is not known: $path" >&2
        exit 1
        ;;
    *)
        rm -rf -- "$path"
        mknod -m 600 -- "${path%/*}/${name#.wh.}" c 0 0
        ;;
    esac
done
