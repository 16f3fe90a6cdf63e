"""Tells Weights & Biases what hlrp-train says on stdin, a JSON object a line; says on stdout what became of it.

{"init": {...}} first, then {"step": N, "values": {...}, "pictures": {NAME: PATH}}, at last {"finish": STATUS} or the end.
"""

import json
import signal
import sys

# The trainer decides when this ends: it closes the pipe. A signal to the whole job must not cut off what is unsent.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)

OUT = sys.stdout
# What wandb prints goes where the trainer sent stderr.
sys.stdout = sys.stderr


def say(**values):
    try:
        OUT.write(json.dumps(values) + "\n")
        OUT.flush()
    except OSError:
        pass


def main():
    try:
        import wandb
    except Exception as error:
        say(event="missing", reason=str(error))
        return 3
    try:
        run = wandb.init(**json.loads(sys.stdin.readline())["init"])
    except Exception as error:
        say(event="failed", reason=str(error))
        return 4
    say(event="ready", mode=str(getattr(run.settings, "mode", "")), url=str(getattr(run, "url", "") or ""))
    status, is_told = 1, False
    for line in sys.stdin:
        try:
            said = json.loads(line)
            if "finish" in said:
                status = said["finish"]
                break
            values = dict(said.get("values", {}))
            for name, path in said.get("pictures", {}).items():
                values[name] = wandb.Image(path)
            run.log(values, step=said["step"])
        except Exception as error:
            if not is_told:
                say(event="lost", reason=str(error))
            is_told = True
    run.finish(exit_code=status)
    say(event="finished")
    return 0


sys.exit(main())
