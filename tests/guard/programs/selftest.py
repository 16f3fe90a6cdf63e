#!/usr/bin/env python3
"""Checks of the harness itself: what counts as lost and what does not."""
import os, shutil, sys, tempfile
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import harness as H


def case(name, act, want):
    base = tempfile.mkdtemp(prefix="hlrp-self-")
    try:
        H.make_tree(base)
        before = H.snapshot(base)
        here = os.getcwd()
        os.chdir(base + "/home/tree")
        act(base)
        os.chdir(here)
        got = sorted({(k, os.fsdecode(p)) for k, p, _ in H.lost(before, H.snapshot(base, before))})
        ok = got == sorted(want)
        print("%-6s %s%s" % ("ok" if ok else "FAILED", name, "" if ok else ": %s" % got))
        return ok
    finally:
        H.remove_base(base)


def keep(base, path):
    d = base + "/home/.hlrp/retained/s1/0001"
    os.makedirs(d, exist_ok=True)
    os.rename(path, os.path.join(d, os.path.basename(path)))
    os.chmod(os.path.join(d, os.path.basename(path)), 0o400)


def write(path, text, mode="w"):
    with open(path, mode) as f:
        f.write(text)


def retained_edit(base):
    shutil.copy("data/alpha.txt", "copy"); keep(base, "copy"); write("data/alpha.txt", "XX", "r+")


def swap(base):
    os.rename("data/alpha.txt", "t"); os.rename("data/beta.txt", "data/alpha.txt"); os.rename("t", "data/beta.txt")


def far_away(base):
    os.chdir("data")
    for _ in range(25):
        os.mkdir("d" * 200); os.chdir("d" * 200)
    os.rename(os.path.join(base, "home/tree/notes.txt"), "notes.txt") if len(os.getcwd()) < 3900 else \
        os.rename("notes.txt", "notes.txt", src_dir_fd=os.open(base + "/home/tree", os.O_RDONLY), dst_dir_fd=os.open(".", os.O_RDONLY))


T = "home/tree/"
cases = [
    ("nothing", lambda b: None, []),
    ("rename to a free name", lambda b: os.rename("notes.txt", "n2"), []),
    ("rename of a directory", lambda b: os.rename("docs", "run/docs2"), []),
    ("exchange of two old names", swap, []),
    ("append", lambda b: write("data/alpha.txt", "more", "a"), []),
    ("append to an empty file", lambda b: write("data/empty.txt", "more", "a"), []),
    ("removal, retained", lambda b: keep(b, "notes.txt"), []),
    ("empty directory, retained", lambda b: keep(b, "empty_dir"), []),
    ("edit, retained", retained_edit, []),
    ("moved beyond the longest path", far_away, []),
    ("unlink", lambda b: os.unlink("notes.txt"), [("content", T + "notes.txt")]),
    ("unlink of an empty file", lambda b: os.unlink("empty_file"), [("name", T + "empty_file")]),
    ("unlink of one hard link", lambda b: os.unlink("links/hard_b.txt"), [("name", T + "links/hard_b.txt")]),
    ("rmdir", lambda b: os.rmdir("empty_dir"), [("name", T + "empty_dir")]),
    ("rmdir and mkdir again", lambda b: (os.rmdir("empty_dir"), os.mkdir("empty_dir")), [("name", T + "empty_dir")]),
    ("symlink", lambda b: os.unlink("links/dangling"), [("name", T + "links/dangling")]),
    ("edit, not retained", lambda b: write("data/alpha.txt", "XX", "r+"), [("content", T + "data/alpha.txt")]),
    ("truncation", lambda b: os.truncate("data/alpha.txt", 5), [("content", T + "data/alpha.txt")]),
    ("rename over", lambda b: os.rename("notes.txt", "config.yaml"), [("content", T + "config.yaml")]),
    ("kept, then damaged", lambda b: (keep(b, "notes.txt"), os.chmod(b + "/home/.hlrp/retained/s1/0001/notes.txt", 0o600),
                                      write(b + "/home/.hlrp/retained/s1/0001/notes.txt", "X", "r+")), [("content", T + "notes.txt")]),
    ("moved outside", lambda b: os.rename("notes.txt", b + "/outside/n"), [("content", T + "notes.txt"), ("outside", "outside"), ("outside", "outside/n")]),
    ("mode outside", lambda b: os.chmod(b + "/outside/exec.sh", 0o711), [("outside", "outside/exec.sh")]),
    ("times outside", lambda b: os.utime(b + "/outside/held.txt", (1, 1)), [("outside", "outside/held.txt")]),
    ("a new name beside the home", lambda b: os.mkdir(b + "/new"), [("outside", "new")]),
    ("mode inside", lambda b: os.chmod("notes.txt", 0), []),
]
sys.exit(0 if all([case(*c) for c in cases]) else 1)
