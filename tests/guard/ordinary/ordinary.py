#!/usr/bin/env python3
"""Ordinary work must not notice the guard: every script runs twice in equal fresh trees, natively and under the guard.

Standard output, exit status and the tree that is left (content, kind, mode, link targets, extended attributes) must be
equal. Without --guard both runs are native, which proves that the scripts are deterministic. Both runs of a script use the
same path, so that files which hold paths are equal too. `ignore:` in a script names what cannot be equal (keys, indexes).
"""
import fnmatch, os, shlex, signal, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
for d in (os.path.join(HERE, "..", "programs"), HERE):
    if os.path.exists(os.path.join(d, "harness.py")):
        sys.path.insert(0, d)
import harness as H

# git's index and FETCH_HEAD hold inode numbers, times and paths; byte code holds times.
ALWAYS = ("*/.git/index", "*.pyc", "*/__pycache__", "home/.cache*", "home/.npm*", "home/.local/state*", "home/.viminfo")


def once(p, base, guard, opts, ids, uid):
    os.mkdir(base, 0o755)
    os.chmod(base, 0o755)
    H.make_tree(base)
    tmp = os.path.join(base, "tmp")
    if not guard:
        os.mkdir(tmp)
    os.mkdir(os.path.join(base, "group"))
    H.give(base, uid, uid)
    home, tree = os.path.join(base, "home"), os.path.join(base, "home/tree")
    env = {"PATH": (opts.path_add + ":" if opts.path_add else "") + H.PATH, "HOME": home, "TREE": tree, "OUTSIDE": base + "/outside",
           # Where Slurm is installed a session without a group's directory only reads.
           "HLRP_DSS": base + "/group",
           "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "USER": "worker", "LOGNAME": "worker", "SHELL": "/bin/bash", "TERM": "xterm", "TZ": "UTC",
           "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "1577934245",
           "HARNESS_PID": str(os.getpid()), **{k: v for k, v in H.git_env(home).items() if k.startswith("GIT_")}}
    if not guard:
        env["TMPDIR"] = tmp
    for k in ("RUSTUP_HOME",):
        if k in os.environ and uid is None:
            env[k] = os.environ[k]
    before = H.snapshot(base)
    # A pipe of the user's own, so that /dev/stdout can be opened again, as in a pipeline.
    (rd, wr), err, text = os.pipe(), tempfile.TemporaryFile(), []
    if uid is not None and os.geteuid() == 0:
        os.fchown(wr, uid, uid)
        os.fchown(err.fileno(), uid, uid)

    def drain():
        with os.fdopen(rd, "rb") as f:
            for b in iter(lambda: f.read1(65536), b""):
                text.append(b)
    reader = threading.Thread(target=drain, daemon=True)
    reader.start()
    t0 = time.monotonic()
    c = subprocess.Popen(shlex.split(guard) + ["bash", p.path], cwd=tree, env=env, stdin=subprocess.DEVNULL, stdout=wr, stderr=err,
                         start_new_session=True, **ids)
    os.close(wr)
    known, end, timed = {c.pid}, t0 + opts.timeout, False
    while True:
        H.reap(known)
        left = [k for k, s in H.descendants(os.getpid(), known).items() if s != "Z"]
        if c.poll() is not None and not left:
            break
        if time.monotonic() > end:
            timed = True
            left = list(H.descendants(os.getpid(), ()))
            if c.poll() is None:
                try:
                    os.killpg(c.pid, signal.SIGKILL)
                except OSError:
                    pass
            H.kill_pids(left)
            c.wait()
            break
        time.sleep(0.005)
    seconds = time.monotonic() - t0
    reader.join(2)
    err.seek(0)
    after = H.snapshot(base, before)
    r = {"out": b"".join(text).decode("utf-8", "backslashreplace"), "err": err.read()[-3000:].decode("utf-8", "replace"), "status": c.returncode,
         "timeout": timed, "seconds": round(seconds, 2), "outside": [os.fsdecode(q) + " " + w for k, q, w in H.lost(before, after) if k == "outside"]}
    if guard:
        r["lost"] = [os.fsdecode(q) + ": " + w for k, q, w in H.lost(before, after) if k in ("content", "name")]
    tree_after = {q: e for q, e in after.items() if H._in(q, (b"home", b"outside"))}
    if opts.keep:
        os.rename(base, base + (".guarded" if guard else ".native%d" % os.getpid()))
    else:
        H.remove_base(base)
    return r, tree_after


def main():
    a = H.options(__doc__.splitlines()[0])
    a.set_defaults(timeout=120)
    a.add_argument("--path-add", default="", help="directories to put first on PATH (cargo that the user can reach)")
    opts = a.parse_args()
    ids, uid = H.resolve_ids(opts.uid)
    os.umask(0o022)
    H.libc.prctl(36, 1, 0, 0, 0)
    if opts.path_add:
        H.PATH = opts.path_add + ":" + H.PATH
    needs, results = H.Needs(ids, opts.base_dir), []
    scripts = [H.Program(os.path.join(HERE, n)) for n in sorted(os.listdir(HERE)) if n.endswith(".sh")]
    for p in scripts:
        if opts.only and not any(fnmatch.fnmatch(p.name, g) or fnmatch.fnmatch(p.name, g + "*") for g in opts.only):
            continue
        r = {"name": p.name, "what": p.what}
        why = needs.missing(p.needs)
        if why:
            r.update(verdict="skip", reason=why)
        else:
            room = tempfile.mkdtemp(prefix="hlrp-ord-", dir=opts.base_dir)
            os.chmod(room, 0o755)
            base = os.path.join(room, "base")
            one, t1 = once(p, base, "", opts, ids, uid)
            two, t2 = once(p, base, opts.guard, opts, ids, uid)
            if not opts.keep:
                H.remove_base(room)
            skip = ALWAYS + tuple("home/tree/" + g if not g.startswith("home") else g for g in p.ignore.split())
            diff = [(os.fsdecode(q), w) for q, w in H.same_tree(t1, t2)
                    if not any(fnmatch.fnmatch(os.fsdecode(q), g) or fnmatch.fnmatch(os.fsdecode(q), g + "/*") for g in skip)]
            bad = []
            if one["timeout"] or two["timeout"]:
                bad.append("timeout")
            if one["status"] != two["status"]:
                bad.append("status %s / %s" % (one["status"], two["status"]))
            if one["status"] != 0:
                bad.append("the native run failed: %s" % one["status"])
            if one["out"] != two["out"]:
                bad.append("output differs")
            if diff:
                bad.append("%d differences in the tree" % len(diff))
            if two["outside"] or one["outside"]:
                bad.append("changed outside: " + (two["outside"] or one["outside"])[0])
            if two.get("lost"):
                bad.append("lost: " + two["lost"][0])
            r.update(verdict="differs" if bad else "equal", reason="; ".join(bad), seconds=[one["seconds"], two["seconds"]],
                     diff=diff[:30], first=one, second=two)
        results.append(r)
        if not opts.json:
            s = r.get("seconds", ["", ""])
            print("%-42s %-8s %6s %6s  %s" % (p.name, r["verdict"], s[0], s[1], r.get("reason", "")), flush=True)
            if r["verdict"] == "differs" or opts.verbose and r["verdict"] != "skip":
                for q, w in r["diff"][:12]:
                    print("      %s  %s" % (ascii(q), w[:160]))
                if r["first"]["out"] != r["second"]["out"] or opts.verbose:
                    print("      first:  " + ascii(r["first"]["out"][-700:]) + "\n      second: " + ascii(r["second"]["out"][-700:]))
                for k in ("first", "second"):
                    if r[k]["err"].strip():
                        print("      stderr (%s): %s" % (k, ascii(r[k]["err"][-600:])))
    needs.close()
    counts = {}
    for r in results:
        counts[r["verdict"]] = counts.get(r["verdict"], 0) + 1
    if opts.json:
        H.print_json({"schema": "hlrp-ordinary/1", "guard": opts.guard, "counts": counts, "results": results})
    else:
        print("\n%d scripts, %s: %s" % (len(results), "native and guarded" if opts.guard else "native twice",
              ", ".join("%d %s" % (v, k) for k, v in sorted(counts.items()))))
    return 1 if counts.get("differs") else 0


if __name__ == "__main__":
    sys.exit(main())
