#!/usr/bin/env bash
# A session that fills a real file system: 64 MiB of ext4, mounted in a mount namespace of its own; or as much of it as
# a project's quota leaves, on a larger one that stays nearly empty (/dev/ubda of tests/room/uml.sh).
#
#     halt.sh PROGRAM slow|fast|inodes|project
#
# Run as root, by tests/room; the session belongs to uid 65534. Says what is not as it should be, and exits with 1.
set -euo pipefail
readonly program=$1 kind=$2
if [[ -z ${HLRP_ROOM:-} ]]; then
    exec env HLRP_ROOM=1 unshare --mount --propagation private bash "$0" "$@"
fi

world=$(mktemp -d /tmp/hlrp-room-XXXXXX)
disk=$world/disk
# What is filled: all of the disk, or one directory of it.
place=$disk
[[ $kind != project ]] || place=$disk/project
home=$place/home
trap 'umount -l "$disk" 2>/dev/null || true; rm -rf --one-file-system "$world"' EXIT
wrong() { echo "$kind: $*"; [[ ! -e $world/said ]] || cat "$world/said"; exit 1; }

chmod 755 "$world"
mkdir "$disk"
if [[ $kind == project ]]; then
    mount -t ext4 -o prjquota /dev/ubda "$disk"
    mkdir "$place"
    chattr -p 77 +P "$place"
    setquota -P 77 0 54000 0 0 "$disk"
else
    truncate -s 64M "$world/image"
    case $kind in
        inodes) mkfs.ext4 -q -N 1024 "$world/image" ;;
        *) mkfs.ext4 -q "$world/image" ;;
    esac
    mount -o loop "$world/image" "$disk"
fi
mkdir -p "$home/work" "$world/aside" "$place/dss"
head -c 300000 /dev/urandom > "$home/work/before.bin"
sum=$(sha256sum < "$home/work/before.bin")
# What others have there, and can take away.
mkdir "$place/ballast"
case $kind in
    inodes) (cd "$place/ballast" && touch file-{1..400}) ;;
    *) head -c 40M /dev/zero > "$place/ballast/file" ;;
esac
# As after an earlier halt.
mkdir -p -m 700 "$home/.local/state/hlrp-sh/halted"
chown -R 65534:65534 "$home" "$place/dss" "$world/aside"

me() { setpriv --reuid 65534 --regid 65534 --clear-groups env -i HOME="$home" HLRP_DSS="$place/dss" PATH=/usr/local/bin:/usr/bin:/bin TERM=dumb "$@"; }
# With a terminal, as a person has one.
person() { me script -qec "$*" /dev/null; }
status() { local code=0; "$@" > "$world/answer" 2>&1 < /dev/null || code=$?; echo "$code"; }
marks() { compgen -G "$home/.local/state/hlrp-sh/halted/????????-??????-????????" || true; }

cat > "$world/writer.py" <<'PYTHON'
import os, sys, time
kind, name = sys.argv[1:]
if kind == "slow":
    # Its own word that it may go on, put where a person's would be.
    session = os.path.basename(os.environ["TMPDIR"]).removeprefix("hlrp-")
    open(os.environ["HOME"] + f"/.local/state/hlrp-sh/halted/{session}.resumed", "x").close()
if kind == "inodes":
    for n in range(620):
        open(f"{name}-{n:04}", "x").close()
        time.sleep(0.02)
else:
    # 512 KiB a second; or as fast as it goes.
    with open(name, "xb", buffering=0) as out:
        for n in range(12 * 16):
            out.write(bytes([n]) * 65536)
            if kind != "fast":
                time.sleep(0.125)
print("written", flush=True)
PYTHON

cd "$home/work"
me "$program" -c "python3 $world/writer.py $kind grown" > "$world/said" 2>&1 < /dev/null &
session=$!

if [[ $kind == fast ]]; then
    # Faster than anybody looks: it meets ENOSPC, or is stopped, and nothing that was there is lost.
    for _ in {1..100}; do
        [[ -z $(marks) ]] || break
        kill -0 "$session" 2>/dev/null || break
        sleep 0.1
    done
    [[ $(sha256sum < before.bin) == "$sum" ]] || wrong 'what was there before is not as it was'
    if [[ -n $(marks) ]]; then
        mv "$place/ballast/file" "$world/aside/"
        person "$program resume" > /dev/null || wrong 'it does not go on'
    fi
    wait "$session" || grep -q 'No space left\|Disk quota' "$world/said" || wrong 'it ended otherwise'
    [[ $(sha256sum < before.bin) == "$sum" ]] || wrong 'what was there before is not as it was'
    exit 0
fi

for _ in {1..600}; do
    [[ -z $(marks) ]] || break
    kill -0 "$session" 2>/dev/null || wrong 'it was not stopped'
    sleep 0.1
done
[[ -n $(marks) ]] || wrong 'it was not halted within a minute'
sleep 0.3
writer=
for one in $(pgrep -u 65534 -f "$world/writer.py $kind"); do
    case $(readlink "/proc/$one/exe") in *python*) writer=$one ;; esac
done
[[ -n $writer ]] || wrong 'the writer is gone'
[[ $(awk '{ print $3 }' "/proc/$writer/stat") == T ]] || wrong 'the writer is not stopped'
# Whoever continues it, it is stopped again.
kill -CONT "$writer"
sleep 0.5
[[ $(awk '{ print $3 }' "/proc/$writer/stat") == T ]] || wrong 'somebody else let the writer go on'
! grep -q 'No space\|written' "$world/said" || wrong 'it met the end of the disk'
case $kind in
    inodes) (( $(df --output=iavail "$place" | tail -n 1) > 0 )) || wrong 'no inode is left' ;;
    *) (( $(df --output=avail "$place" | tail -n 1) > 0 )) || wrong 'no space is left' ;;
esac
grep -q 'quota.halt' "$world/said" || wrong 'nobody was asked'
[[ $kind == inodes ]] || grep -q 'grown' "$world/said" || wrong 'it does not say what grew'
[[ $(sha256sum < before.bin) == "$sum" ]] || wrong 'what was there before is not as it was'

if [[ $kind == project ]]; then
    # The disk itself has room; it is the directory that has none.
    (( $(df --output=avail "$disk" | tail -n 1) > 100000 )) || wrong 'the disk itself is full'
    me "$program" quota --json > "$world/answer" || true
    grep -q '"source":"project"' "$world/answer" || wrong "quota does not know the project: $(<"$world/answer")"
fi

# Nothing is written meanwhile, looking passes.
[[ $(status me "$program" -c 'touch new') == 75 ]] || wrong "writing passed while halted: $(<"$world/answer")"
[[ $(status me "$program" -c 'ls') == 0 ]] || wrong "looking did not pass while halted: $(<"$world/answer")"
[[ $(status me "$program" quota) == 75 ]] || wrong 'quota does not say it'

# Who may not let it go on.
[[ $(status me "$program" resume) == 77 ]] || wrong "a script resumed it: $(<"$world/answer")"
[[ $(status person env CLAUDECODE=1 "$program" resume) == 77 ]] || wrong "an agent resumed it: $(<"$world/answer")"
[[ $(status person "$program" resume) == 75 ]] || wrong "it went on without room: $(<"$world/answer")"
[[ -n $(marks) && $(awk '{ print $3 }' "/proc/$writer/stat") == T ]] || wrong 'it went on'

# Room is made by whom it belongs to; then it goes on where it stood.
mv "$place/ballast" "$world/aside/"
sync -f "$disk"
[[ $(status person "$program" resume) == 0 ]] || wrong "it does not go on: $(<"$world/answer")"
wait "$session" || wrong 'it did not end well'
grep -q written "$world/said" || wrong 'it did not finish'
if [[ $kind == inodes ]]; then
    (( $(find . -name 'grown-*' | wc -l) == 620 )) || wrong 'files are missing'
else
    python3 - grown <<'PYTHON' || wrong 'what was written is not whole'
import sys
data = open(sys.argv[1], "rb").read()
assert data == b"".join(bytes([n]) * 65536 for n in range(192))
PYTHON
fi
[[ $(sha256sum < before.bin) == "$sum" ]] || wrong 'what was there before is not as it was'
[[ -z $(marks) ]] || wrong 'it is still said to be halted'
me "$program" audit --json | grep -q '"action":"halt"' || wrong 'the halt is not in the record'
me "$program" audit --json | grep -q '"action":"resume"' || wrong 'the resume is not in the record'
me "$program" audit verify > "$world/answer" 2>&1 || wrong "the record does not hold: $(<"$world/answer")"
