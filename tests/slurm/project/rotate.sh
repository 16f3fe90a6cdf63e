# Makes two checkpoints; when it starts again it removes one of its own, and tries one of its sibling.
for word; do
    case $word in
        logging.runs_dir=*) run=${word#*=} ;;
    esac
done
echo "start ${SLURM_RESTART_COUNT:-0}"
if [ -z "${SLURM_RESTART_COUNT:-}" ]; then
    echo made > "$run/step-1.ckpt"
    echo made > "$run/step-2.ckpt"
    echo "made both"
    sleep 100
fi
python3 verb_on.py "$run/step-1.ckpt" && echo "rotated"
for other in "${run%/*}"/*/step-2.ckpt; do
    [ "$other" = "$run/step-2.ckpt" ] || python3 verb_on.py "$other" || echo "kept the other"
done
