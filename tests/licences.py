#!/usr/bin/env python3
"""Holds the licence of every dependency against the list in deny.toml.

    cargo metadata --format-version 1 | licences.py deny.toml
"""
import hashlib
import json
import pathlib
import re
import sys

# The words of a licence from its first sentence on, without case, punctuation and line breaks: for packages that
# name a file and no SPDX expression. cargo-deny knows such files by their text as well.
TEXTS = {"0cf21bdfd1964a97a8615e128534845826afbc887edc95aa5c925cbf64386b5c": "MIT"}


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


def licence(package):
    """The SPDX expression of a package, from its metadata or from the text of the file it names."""
    if package["license"] or not package["license_file"]:
        return package["license"] or "none"
    text = pathlib.Path(package["manifest_path"]).with_name(package["license_file"]).read_text(encoding="utf-8")
    words = " ".join(re.findall(r"[a-z]+", text.lower()))
    body = words[max(words.find("permission is hereby granted"), 0):]
    return TEXTS.get(hashlib.sha256(body.encode()).hexdigest(), "none")


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    allowed = set(re.findall(r'"([^"]+)"', re.search(r"allow = \[(.*?)\]", text, re.S)[1]))
    packages = json.load(sys.stdin)["packages"]
    wrong = [f"{p['name']} {p['version']}: {licence(p)}" for p in packages if not holds(licence(p), allowed)]
    print(f"{len(packages)} packages, licences as deny.toml allows them." if not wrong else "\n".join(wrong))
    sys.exit(bool(wrong))


main()
