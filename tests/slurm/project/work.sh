# What the jobs of the tests do: work.sh EXPERIMENT POINT OVERRIDES...
work=$1 point=$2
shift 2
case $work in
    quick)
        echo "on $(uname -n) in $PWD"
        printf 'argument %s\n' "$@"
        ;;
    measures)
        for argument; do
            case $argument in logging.runs_dir=*) runs=${argument#*=} ;; esac
        done
        for step in 1 2 3; do
            echo "{\"step\": $step, \"loss\": $((point * 100 + 10 - step)).5}" >>"$runs/metrics.jsonl"
        done
        ;;
    seven) echo seven; echo grumble >&2; exit 7 ;;
    slow) for number in $(seq 100); do echo "line $number"; sleep 0.5; done ;;
    counts) for number in $(seq 1200); do echo "number $number"; sleep 0.005; done ;;
    hungry) head -c 900M /dev/zero | tail >/dev/null ;;
    endless) echo begun; while true; do sleep 1; done ;;
    deletes) python3 delete.py; echo "ended $?" ;;
    sometimes)
        echo "$SLURM_JOB_ID" >>"runs-of-$point"
        sleep 0.2
        [ "$point" != 2 ] || [ -e mended ]
        ;;
esac
