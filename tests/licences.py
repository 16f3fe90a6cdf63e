#!/usr/bin/env python3
"""Holds the licence of every dependency against the list in deny.toml.

    cargo metadata --format-version 1 | licences.py deny.toml
"""
import json
import re
import sys


def holds(expression, allowed):
    """Whether an SPDX expression can be satisfied with the allowed licences."""
    words = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    python = " ".join(
        word.lower() if word in ("AND", "OR") else word if word in "()" else "WITH" if word == "WITH" else f"{word in allowed}"
        for word in words
    )
    # `X WITH exception` grants more than X.
    python = re.sub(r"(True|False) WITH (True|False)", r"(\1 or \2)", python)
    return eval(python, {})  # only True, False, and, or, and parentheses are left


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    allowed = set(re.findall(r'"([^"]+)"', re.search(r"allow = \[(.*?)\]", text, re.S)[1]))
    packages = json.load(sys.stdin)["packages"]
    wrong = [f"{p['name']} {p['version']}: {p['license']}" for p in packages if not holds(p["license"] or "none", allowed)]
    print(f"{len(packages)} packages, licences as deny.toml allows them." if not wrong else "\n".join(wrong))
    sys.exit(bool(wrong))


main()
