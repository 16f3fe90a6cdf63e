# shellcheck shell=bash
# What `up`, `down`, `daemon` and `smoke` share. To be sourced.
#
# DIR holds all of one cluster: configuration, state, logs, keys, process ids.

# Where the cluster is when nobody says so.
: "${HLRP_CLUSTER:=/var/tmp/hlrp-cluster}"

log() { printf '[%s] %s\n' "$(date +%H:%M:%S.%2N)" "$*" >&2; }
die() { log "ERROR: $*"; exit 1; }

# Prints when a process started, in clock ticks since boot; nothing if it is gone. Together with its id that names
# one process for ever, so that a used-up id is never taken for ours.
started() { # PID
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    stat=${stat##*) }                # the command's name may hold spaces and brackets
    # shellcheck disable=SC2086
    set -- $stat
    printf '%s' "${20}"
}

# run/pids has one line a process that `up` started: NAME PID TICKS
record() { printf '%s %s %s\n' "$1" "$2" "$(started "$2")" >>"$DIR/run/pids"; } # NAME PID

is_ours() { [[ -n $3 && $(started "$2") == "$3" ]]; } # NAME PID TICKS

# Prints the id of a process of ours, if it is there.
pid_of() { # NAME
    local name pid ticks
    while read -r name pid ticks; do
        if [[ $name == "$1" ]] && is_ours "$name" "$pid" "$ticks"; then echo "$pid"; return 0; fi
    done <"$DIR/run/pids"
    return 1
}

# Tries until COMMAND succeeds; gives up after so many seconds.
wait_for() { # SECONDS WHAT COMMAND...
    local seconds=$1 what=$2 end
    shift 2
    end=$(( $(date +%s%N) / 1000000 + seconds * 1000 ))
    until "$@" >/dev/null 2>&1; do
        if (( $(date +%s%N) / 1000000 >= end )); then
            [[ -z $what ]] || log "waited $seconds s for $what"
            return 1
        fi
        sleep 0.05
    done
}
