#!/usr/bin/env python3
"""Puts the same cases to the real Hydra and to ours, and says where they differ.

    tests/compose/compare.py [--cases FILE …] [--random SEED:COUNT] [--config DIR] [--fails FILE] [--show N] -- CANDIDATE

The candidate is a program that answers JSON lines as `oracle.py` does. Two answers agree when both are errors, or when
values, types, order of keys and the text of `to_yaml` are the same. Ends with 1 where anything differs, but for cases whose difference is `known`, with
the reason.
"""

import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
TIME_LIMIT = 1200.0

# What is compared, by operation.
FIELDS = {
    "compose": ("unresolved", "resolved", "resolve_error", "yaml", "missing", "hydra"),
    "override": ("type", "key", "package", "value_type", "value", "expanded"),
    "yaml": ("value", "yaml"),
    "resolve": ("value",),
}


def read_cases(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def matrix(directory, work):
    """Every experiment on every cluster of a tree, and each once with a user's own file; all must compose."""
    with_user = work / "with-user"
    shutil.copytree(directory, with_user)
    shutil.copy(with_user / "user_config/local.yaml.example", with_user / "user_config/local.yaml")
    experiments = sorted(f.stem for f in Path(directory, "experiment").glob("*.yaml") if not f.stem.startswith("_"))
    clusters = sorted(f.stem for f in Path(directory, "cluster").glob("*.yaml") if not f.stem.startswith("_"))
    for experiment in experiments:
        for cluster in clusters:
            yield {
                "id": f"matrix:{experiment}:{cluster}",
                "category": "matrix",
                "config_dir": str(Path(directory).resolve()),
                "config_name": "config",
                "overrides": [f"experiment={experiment}", f"cluster={cluster}"],
                "return_hydra_config": len(cluster) % 2 == 0,
                "env": {"HLRP_DSS": "/dss/group/me", "HOME": "/home/me"},
                "must_compose": True,
            }
        yield {
            "id": f"matrix:user:{experiment}",
            "category": "matrix with a user's file",
            "config_dir": str(with_user),
            "config_name": "config",
            "overrides": [f"experiment={experiment}"],
            "env": {"HLRP_DSS": None, "HOME": "/home/me"},
            "must_compose": True,
        }


def ask(command, cases, root):
    """Returns {id: answer} of one run of `command`."""
    environment = dict(os.environ, CASES_ROOT=str(root), PYTHONHASHSEED="0")
    process = subprocess.Popen(
        command, cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    timer = threading.Timer(TIME_LIMIT, process.kill)
    timer.start()
    text, _ = process.communicate("".join(json.dumps(case) + "\n" for case in cases))
    timer.cancel()
    answers = {}
    text = text.replace(str(root), "@R@")  # ours may write it so itself
    for line in filter(None, text.split("\n")):
        found = json.loads(line)
        answers[found["id"]] = found
    if process.returncode != 0:
        print(f"{command[-1]} ended with {process.returncode} after {len(answers)} of {len(cases)} cases")
    return answers


def ordered(value):
    """Makes the order of keys count, and 1, 1.0 and true differ."""
    if isinstance(value, dict):
        return [[key, ordered(item)] for key, item in value.items()]
    if isinstance(value, list):
        return ["list", *map(ordered, value)]
    return [type(value).__name__, value]


def unordered(value):
    if isinstance(value, dict):
        return {key: unordered(item) for key, item in value.items()}
    if isinstance(value, list):
        return ["list", *map(unordered, value)]
    return [type(value).__name__, value]


def difference(case, expected, found):
    """Returns what differs, or None: `status`, a field, or `order of` a field."""
    if found is None:
        return "no answer"
    if expected["ok"] != found.get("ok") or (case.get("must_compose") and not expected["ok"]):
        return "status"
    if not expected["ok"]:
        return None
    for field in FIELDS[case.get("op", "compose")]:
        # A configuration that does not resolve has no list of what is missing.
        if field not in expected or (field == "missing" and expected[field] is None):
            continue
        theirs, ours = expected[field], found.get(field)
        if field == "resolve_error":
            theirs, ours = bool(theirs), bool(ours)
        if unordered(theirs) != unordered(ours):
            return field
        if ordered(theirs) != ordered(ours):
            return f"order of {field}"
    return None


def brief(answer, field):
    """Returns an answer's part as text, an error with its class."""
    if answer is None:
        return "nothing"
    if not answer.get("ok"):
        return f"error {answer.get('error', {}).get('class')}: {answer.get('error', {}).get('msg', '')[:160]}"
    field = field.removeprefix("order of ")
    return json.dumps(answer[field] if field in answer else {k: v for k, v in answer.items() if k not in ("id", "ok")})


def around(theirs, ours):
    """Cuts two texts to where they begin to differ."""
    same = len(os.path.commonprefix([theirs, ours]))
    start = max(0, same - 80)
    return theirs[start : same + 160], ours[start : same + 160]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", action="append", default=[])
    parser.add_argument("--random", metavar="SEED:COUNT")
    parser.add_argument("--config", help="a tree: every experiment on every cluster")
    parser.add_argument("--fails", help="what differs, as JSON lines")
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("candidate", nargs="+")
    options = parser.parse_args()
    program = Path(options.candidate[0])
    if program.is_file():  # it is run from elsewhere
        options.candidate[0] = str(program.absolute())

    with tempfile.TemporaryDirectory(prefix="hlrp-parity-") as work:
        cases = [case for path in options.cases for case in read_cases(path)]
        if options.config:
            cases += matrix(options.config, Path(work))
        if options.random:
            import generate

            seed, count = map(int, options.random.split(":"))
            cases += generate.cases(seed, count, Path(work))
        if len({case["id"] for case in cases}) != len(cases):
            sys.exit("two cases have the same id")
        answers = {}
        threads = [
            threading.Thread(target=lambda name=name, command=command: answers.update({name: ask(command, cases, HERE)}))
            for name, command in (("hydra", [sys.executable, str(HERE / "oracle.py")]), ("ours", options.candidate))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        counts = collections.defaultdict(lambda: [0, 0])
        fails = []
        for case in cases:
            expected = answers["hydra"].get(case["id"])
            if expected is None:
                sys.exit(f"Hydra did not answer {case['id']}")
            field = difference(case, expected, answers["ours"].get(case["id"]))
            count = counts[case.get("category", case.get("op"))]
            count[0] += 1
            if "known" in case:
                field = None if field else "a known difference that is none any more"
            if field:
                count[1] += 1
                fails.append((case, field, expected, answers["ours"].get(case["id"])))
        report(counts, fails, options)
    sys.exit(1 if fails else 0)


def report(counts, fails, options):
    print(f"{'category':<24} {'cases':>6} {'differ':>6}")
    for category, (total, differing) in sorted(counts.items()):
        print(f"{category:<24} {total:>6} {differing:>6}")
    for case, field, expected, found in fails[: options.show]:
        what = {key: value for key, value in case.items() if key not in ("id", "category", "op")}
        print(f"\n{case['id']}: {field}\n  case   {json.dumps(what)[:400]}")
        theirs, ours = around(brief(expected, field), brief(found, field))
        print(f"  hydra  {theirs}\n  ours   {ours}")
    if len(fails) > options.show:
        print(f"\n… and {len(fails) - options.show} more")
    if options.fails:
        with open(options.fails, "w", encoding="utf-8") as file:
            for case, field, expected, found in fails:
                print(json.dumps({"case": case, "field": field, "hydra": expected, "ours": found}), file=file)


if __name__ == "__main__":
    main()
