#!/usr/bin/env python3
"""Runs the battery of destructive programs, natively or under a guard, and says what was lost.

Native mode proves that every program is destructive; guarded mode (--guard 'hlrp-sh run --') proves that nothing
is lost, nothing outside the roots changes, no outside process is hurt and nothing is planted. Each program gets a fresh
directory BASE: BASE/home is its HOME, BASE/home/tree its working directory, BASE/outside what it must not touch.
Standard library only. See README.md for the contract of a program.
"""
import argparse, array, ctypes, ctypes.util, errno, fcntl, fnmatch, hashlib, json, os, pty, random, re, resource, select, shlex
import shutil, signal, socket, sqlite3, stat, struct, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
STORE = (b"home/.hlrp/retained",)
MARKER = b"PLANTED-BY-PROGRAM"
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
KEYS = ("what", "target", "needs", "expect", "outside", "run", "watch", "wrap", "cflags", "tree", "fd0", "residual", "nostart", "note", "ignore")
libc = ctypes.CDLL(None, use_errno=True)


# ---------------------------------------------------------------------------------------------- the tree

def _put(path, data, mode=0o644, links=None):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    os.chmod(path, mode)


def _text(name, lines=40):
    return "".join("%s line %d of the file that existed before\n" % (name, i) for i in range(lines))


def git_env(home):
    return {"PATH": PATH, "HOME": home, "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "A Person",
            "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A Person", "GIT_COMMITTER_EMAIL": "a@example.org",
            "GIT_AUTHOR_DATE": "2020-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2020-01-02T03:04:05Z"}


def _git_repo(repo, home):
    if not shutil.which("git", path=PATH):
        return
    def git(*args):
        subprocess.run(["git", "-C", repo, *args], env=git_env(home), check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    os.makedirs(repo)
    git("init", "-q", "-b", "main")
    _put(repo + "/tracked.txt", _text("tracked"))
    _put(repo + "/src/code.py", "print('one')\n")
    _put(repo + "/.gitignore", "*.log\nbuild/\n")
    git("add", "-A"); git("commit", "-qm", "one")
    git("checkout", "-qb", "topic")
    _put(repo + "/topic.txt", _text("topic"))
    git("add", "-A"); git("commit", "-qm", "two")
    git("checkout", "-q", "main")
    with open(repo + "/tracked.txt", "a") as f:
        f.write("committed change\n")
    git("commit", "-qam", "three")
    with open(repo + "/tracked.txt", "a") as f:
        f.write("work that is not committed\n")
    _put(repo + "/untracked.txt", _text("untracked"))
    _put(repo + "/ignored.log", _text("ignored"))
    _put(repo + "/build/out.o", b"\x7fobject of a build\n" * 20)


def make_tree(base, big=False):
    """A varied tree, equal at every call but for inode numbers and birth times; all times lie in the past."""
    home, tree, out = (os.path.join(base, p) for p in ("home", "home/tree", "outside"))
    os.makedirs(tree)
    os.makedirs(out)
    t = tree + "/"
    for name in ("notes.txt", "data/alpha.txt", "data/beta.txt", "data/gamma.csv", "docs/readme.md", "docs/deep/er/still/leaf.txt",
                 "docs/guide.txt", "run/exp1/metrics.jsonl", "run/exp1/train.log", "run/exp1/config.yaml", "run/exp2/train.log",
                 "name with spaces.txt", "new\nline.txt", "-dash.txt", ".hidden", "config.yaml", "links/hard_a.txt", "xattr.txt",
                 "quote'\"$(x).txt", "log/app.log", "log/app.log.1", "log/app.log.2", "site/index.html", "site/style.css"):
        _put(t + name, _text(name))
    _put(os.fsencode(t) + b"latin\xe9.txt", _text("latin"))
    _put(t + "n" * 251 + ".txt", _text("a name of 255 bytes"))
    _put(t + "data/big.bin", random.Random(7).randbytes(5 << 20))
    _put(t + "data/small.bin", random.Random(8).randbytes(100000))
    for i in (1, 2, 3):
        _put(t + "run/exp1/ckpt_%d.pt" % i, random.Random(100 + i).randbytes(70000))
    for name in ("data/empty.txt", "empty_file"):
        _put(t + name, b"")
    for i in range(200):
        _put(t + "many/f%03d" % i, "file %d of many\n" % i)
    _put(t + "bin/tool.sh", "#!/bin/sh\necho tool\n", 0o755)
    _put(t + "script.py", "print('a script that existed before')\n", 0o755)
    _put(t + "readonly.txt", _text("readonly"), 0o444)
    _put(t + "private.txt", _text("private"), 0o600)
    _put(t + "rodir/file.txt", _text("rodir"))
    for d in ("empty_dir", "empty_nested/inner", "empty_target", "sub/with/empty/end"):
        os.makedirs(t + d)
    os.link(t + "links/hard_a.txt", t + "links/hard_b.txt")
    os.symlink("../notes.txt", t + "links/sym_file")
    os.symlink("../docs", t + "links/sym_dir")
    os.symlink("nowhere", t + "links/dangling")
    os.symlink("../../../outside", t + "links/sym_out")
    os.symlink("../../../outside/outside.txt", t + "links/sym_out_file")
    os.mkfifo(t + "fifo", 0o644)
    s = socket.socket(socket.AF_UNIX); here = os.getcwd()
    try:
        os.chdir(tree); s.bind("sock")
    finally:
        os.chdir(here); s.close()
    db = sqlite3.connect(t + "app.db")
    db.executescript("create table t(a integer primary key, b text); create table u(x);")
    db.executemany("insert into t values(?,?)", [(i, "row %d" % i) for i in range(500)])
    db.commit(); db.close()
    if big:
        _put(t + "data/huge.bin", random.Random(9).randbytes(1 << 20) * 80)
    try:
        os.setxattr(t + "xattr.txt", "user.note", b"kept")
    except OSError:
        pass
    h = home + "/"
    _put(h + ".bashrc", "# the user's own\nalias ll='ls -l'\n")
    _put(h + ".profile", "# the user's own profile\n")
    _put(h + ".ssh/authorized_keys", "ssh-ed25519 AAAAexample user@host\n", 0o600)
    _put(h + ".ssh/config", "Host example\n  User me\n", 0o600)
    os.chmod(h + ".ssh", 0o700)
    _put(h + ".config/systemd/user/present.service", "[Service]\nExecStart=/bin/true\n")
    _put(h + ".config/app/settings.ini", "[app]\nkey = value\n")
    _put(h + ".gitconfig", "[user]\n\tname = A Person\n\temail = a@example.org\n[init]\n\tdefaultBranch = main\n")
    _put(h + "letter.txt", _text("letter"))
    _put(h + "projects/idea.txt", _text("idea"))
    _git_repo(tree + "/repo", home)
    o = out + "/"
    for name in ("outside.txt", "held.txt", "second.txt", "dir/inner.txt", "dir/deep/leaf.txt", "xattr.txt"):
        _put(o + name, _text("outside " + name))
    _put(o + "exec.sh", "#!/bin/sh\necho out\n", 0o755)
    _put(o + "suid.sh", "#!/bin/sh\necho suid\n", 0o755)
    _put(o + "ro.txt", _text("outside ro"), 0o444)
    os.makedirs(o + "empty_dir")
    try:
        os.setxattr(o + "xattr.txt", "user.note", b"kept outside")
    except OSError:
        pass
    os.chmod(t + "rodir", 0o555)
    n = 0
    for d, dirs, files in sorted(os.walk(os.fsencode(base), topdown=False)):
        for name in sorted(files) + [b"."]:
            n += 1
            os.utime(os.path.join(d, name), ns=(10**18 + n * 10**9,) * 2, follow_symlinks=False)


def give(base, uid, gid):
    """Hands everything below base to uid; chown clears set-user-id, so that mode is set last."""
    if os.geteuid() == 0 and uid is not None:
        for d, dirs, files in os.walk(os.fsencode(base)):
            for name in dirs + files:
                os.chown(os.path.join(d, name), uid, gid, follow_symlinks=False)
        os.chown(base, uid, gid)
    suid = os.path.join(base, "outside/suid.sh")
    if os.path.exists(suid):
        m = os.stat(suid)
        os.chmod(suid, 0o4755)
        os.utime(suid, ns=(m.st_atime_ns, m.st_mtime_ns))


# ---------------------------------------------------------------------------------------------- snapshots

class _Statx(ctypes.Structure):
    _fields_ = [("head", ctypes.c_uint8 * 0x50), ("btime_sec", ctypes.c_int64), ("btime_nsec", ctypes.c_uint32),
                ("rest", ctypes.c_uint8 * (0x100 - 0x5c))]


def _btime(path):
    b = _Statx()
    try:
        if libc.statx(-100, ctypes.c_char_p(path), 0x100, 0xfff, ctypes.byref(b)) != 0:
            return 0
    except AttributeError:
        return 0
    return b.btime_sec * 10**9 + b.btime_nsec


def _open_anyway(path, st):
    """The owner may have been left without permission; the harness looks all the same and puts the mode back."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except PermissionError:
        os.chmod(path, stat.S_IMODE(st.st_mode) | 0o700)
        try:
            return os.open(path, flags)
        finally:
            os.chmod(path, stat.S_IMODE(st.st_mode))


def _listdir_anyway(path):
    try:
        return os.listdir(path)
    except PermissionError:
        st = os.lstat(path)
        os.chmod(path, stat.S_IMODE(st.st_mode) | 0o700)
        return os.listdir(path)     # stays readable: what is below must be looked at too
    except FileNotFoundError:
        return []


def _flags(fd):
    buf = array.array("l", [0])
    try:
        fcntl.ioctl(fd, 0x80086601, buf)
        return buf[0] & ~0x80000            # not the extents flag
    except OSError:
        return 0


def _prefixes(path, size, before):
    """Hashes of what a retained file begins with, at every length that a file had: it may have grown before it was replaced."""
    if not before or size > 1 << 20:
        return set()
    with open(path, "rb") as f:
        data = f.read()
    h, at, found = hashlib.sha256(), 0, set()
    for n in sorted({e["size"] for e in before.values() if 0 < e.get("size", 0) < size and e["type"] == "file"}):
        h.update(data[at:n])
        at = n
        found.add(h.hexdigest())
    return found


def snapshot(base, before=None, only=None):
    """{path below base (bytes): facts}. With `before`, a file that grew also gets `prefix`: the hash of its old length."""
    base = os.fsencode(base)
    found = {}
    def visit(rel, path):
        try:
            st = os.lstat(path)
        except OSError:
            return
        e = {"mode": stat.S_IMODE(st.st_mode), "uid": st.st_uid, "gid": st.st_gid, "mtime": st.st_mtime_ns,
             "ino": (st.st_dev, st.st_ino), "btime": _btime(path), "nlink": st.st_nlink, "size": st.st_size}
        try:
            e["xattr"] = {n: os.getxattr(path, n, follow_symlinks=False) for n in os.listxattr(path, follow_symlinks=False)
                          if n.startswith(("user.", "system."))}
        except OSError:
            e["xattr"] = {}
        m = st.st_mode
        if stat.S_ISLNK(m):
            e["type"], e["target"] = "link", os.readlink(path)
        elif stat.S_ISREG(m):
            e["type"] = "file"
            h, fd = hashlib.sha256(), _open_anyway(path, st)
            try:
                want = before.get(rel, {}).get("size") if before else None
                left = want if want is not None and want < st.st_size else None
                e["flags"] = _flags(fd)
                while True:
                    b = os.read(fd, min(left, 1 << 20) if left else 1 << 20)
                    if not b:
                        break
                    h.update(b)
                    if left is not None and left > 0:
                        left -= len(b)
                        if left == 0:
                            e["prefix"] = h.hexdigest()
                            left = None
                if want == 0:
                    e["prefix"] = hashlib.sha256().hexdigest()
            finally:
                os.close(fd)
            e["sha"] = h.hexdigest()
            if _in(rel, STORE):
                e["prefixes"] = _prefixes(path, st.st_size, before)
        elif stat.S_ISDIR(m):
            e["type"] = "dir"
            names = sorted(_listdir_anyway(path))
            e["names"] = names
            fd, below = -1, path
            if len(path) > 2000:                # a path may be longer than the kernel takes at once
                fd = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
                below = b"/proc/self/fd/%d" % fd
            for n in names:
                visit(os.path.join(rel, n), os.path.join(below, n))
            if fd >= 0:
                os.close(fd)
        else:
            e["type"] = {stat.S_IFIFO: "fifo", stat.S_IFSOCK: "socket", stat.S_IFCHR: "char", stat.S_IFBLK: "block"}[stat.S_IFMT(m)]
            e["rdev"] = st.st_rdev
        found[rel] = e
    for top in only or (b"home", b"outside"):
        visit(top, os.path.join(base, top))
    found[b""] = {"type": "base", "names": sorted(os.listdir(base))}
    return found


def _in(path, roots):
    return any(path == r or path.startswith(r + b"/") for r in roots)


def _sig(e):
    return ("file", e["sha"]) if e["type"] == "file" else ("link", e["target"]) if e["type"] == "link" else \
           (e["type"], e["ino"], e["btime"])


def lost(before, after, store_roots=STORE, home=b"home", outside=b"outside", own=(b"tmp", b"helper", b"helper.pid", b"group")):
    """What a run lost: (kind, path, why) for pre-existing content and names of the roots, and for changes outside.

    content: bytes that existed are neither in place or in the store (alone or with something appended), nor anywhere in the home.
    name: a name that existed is gone and nothing new (a moved file, a retained one) carries what it named.
    outside: anything at all that differs outside.
    """
    res = []
    now = {p: e for p, e in after.items() if _in(p, (home,))}
    shas, sigs, fresh = set(), set(), {}
    for p, e in now.items():
        s = _sig(e)
        sigs.add(s)
        if e["type"] == "file":
            shas.add(e["sha"])
            shas |= e.get("prefixes", set())
        # A new name accounts for a lost one; so does an old name that holds something else now (a rename over it).
        if p not in before or _sig(before[p]) != s:
            fresh[s] = fresh.get(s, 0) + 1
    for p, e in sorted(before.items()):
        if not _in(p, (home,)):
            continue
        a, s = now.get(p), _sig(e)
        if e["type"] == "file" and e["sha"] not in shas and not (a and a["type"] == "file" and a.get("prefix") == e["sha"]):
            res.append(("content", p, "its %d bytes are nowhere" % e["size"]))
        elif a is None:
            if fresh.get(s, 0) > 0:
                fresh[s] -= 1
            elif e["type"] == "file" and e["nlink"] > 1 and s in sigs and any(q in now for q in before
                    if q != p and before[q].get("ino") == e["ino"]):
                res.append(("name", p, "the name is gone (another hard link is left)"))
            else:
                res.append(("name", p, "the %s is gone and not retained" % e["type"]))
        elif e["type"] != "file" and _sig(a) != s and s not in sigs:
            res.append(("name", p, "the %s was replaced and not retained" % e["type"]))
    for p in sorted(set(before) | set(after)):
        if not _in(p, (outside,)):
            continue
        b, a = before.get(p), after.get(p)
        if b is None or a is None:
            res.append(("outside", p, "appeared" if b is None else "is gone"))
            continue
        for k in ("type", "sha", "target", "mode", "uid", "gid", "mtime", "xattr", "nlink", "flags", "ino"):
            if b.get(k) != a.get(k):
                res.append(("outside", p, "%s changed" % k))
                break
    names = lambda s: set(s.get(b"", {}).get("names", ())) - set(own)
    for n in sorted(names(before) ^ names(after)):
        res.append(("outside", n, "appeared" if n in names(after) else "is gone"))
    return res


def same_tree(a, b, skip=(b"home/.hlrp", b"home/.local/state/hlrp-sh", b"home/.config/hlrp-sh")):
    """Differences of content, kind, mode, link target and extended attributes between two snapshots, for ordinary work."""
    res = []
    for p in sorted(set(a) | set(b)):
        if p == b"" or _in(p, skip):
            continue
        x, y = a.get(p), b.get(p)
        if x is None or y is None:
            if x is None and any(_in(s, (p,)) for s in skip):
                continue
            res.append((p, "only in the %s run" % ("second" if x is None else "first")))
            continue
        for k in ("type", "sha", "target", "mode", "xattr"):
            if x.get(k) != y.get(k):
                res.append((p, "%s: %r / %r" % (k, x.get(k), y.get(k))))
    return res


# ---------------------------------------------------------------------------------------------- programs

class Program:
    def __init__(self, path):
        self.path, self.name = path, os.path.basename(path)
        self.head = {}
        with open(path, "rb") as f:
            for line in f.read(4000).decode("utf-8", "replace").splitlines()[:20]:
                m = re.match(r"\s*(?:#|//|\*|/\*)?\s*([a-z0-9]+):\s*(.*?)\s*(?:\*/)?$", line)
                if m and m.group(1) in KEYS:
                    self.head[m.group(1)] = m.group(2)

    def __getattr__(self, k):
        if k in KEYS:
            return self.head.get(k, "")
        raise AttributeError(k)


def compile_c(p, build):
    binary = os.path.join(build, p.name[:-2])
    newest = max(os.path.getmtime(p.path), os.path.getmtime(os.path.join(HERE, "common.h")))
    if not os.path.exists(binary) or os.path.getmtime(binary) < newest:
        tmp = binary + ".new%d" % os.getpid()
        r = subprocess.run(["gcc", "-O1", "-w", "-I", HERE, "-o", tmp, p.path, *shlex.split(p.cflags), "-pthread"]
                           if "-nostdlib" not in p.cflags else
                           ["gcc", "-O1", "-w", "-o", tmp, p.path, *shlex.split(p.cflags)],
                           capture_output=True, text=True)
        if r.returncode:
            return None, (r.stderr.strip().splitlines() or ["gcc failed"])[0]
        os.chmod(tmp, 0o755)
        os.replace(tmp, binary)
    return binary, None


class Needs:
    """Answers a `needs:` word with a reason why it is not met, or None. Probes run as the user of the programs."""
    def __init__(self, ids, base_dir):
        self.ids, self.base_dir, self.memo = ids, base_dir, {}

    def as_user(self, code):
        r = subprocess.run(["/usr/bin/python3", "-c", code, self.probe_dir()], env={"PATH": PATH}, capture_output=True, text=True,
                           cwd=self.probe_dir(), **self.ids)
        return None if r.returncode == 0 else (r.stderr.strip().splitlines() or ["exit %d" % r.returncode])[-1]

    def probe_dir(self):
        if "dir" not in self.memo:
            d = tempfile.mkdtemp(prefix="hlrp-probe-", dir=self.base_dir)
            if os.geteuid() == 0 and self.ids:
                os.chown(d, self.ids["user"], self.ids["group"])
            self.memo["dir"] = d
        return self.memo["dir"]

    def close(self):
        if "dir" in self.memo:
            shutil.rmtree(self.memo["dir"], ignore_errors=True)

    def missing(self, words):
        for w in words.replace(",", " ").split():
            if w not in self.memo:
                self.memo[w] = self.probe(w)
            if self.memo[w]:
                return "%s: %s" % (w, self.memo[w])
        return None

    SYS = "import ctypes,os,sys,errno\nL=ctypes.CDLL(None,use_errno=True)\ndef ok(c,m=''):\n  sys.exit(0 if c else m or os.strerror(ctypes.get_errno()))\n"

    def probe(self, w):
        s = self.SYS
        if w == "userns":
            return self.as_user(s + "ok(L.unshare(0x10020000)==0)")
        if w == "io_uring":
            return self.as_user(s + "b=ctypes.create_string_buffer(256)\nok(L.syscall(425,4,b)>=0)")
        if w == "x32":
            return self.as_user(s + "ok(L.syscall(0x40000000|39)>0,'the kernel has no x32 ABI')")
        if w == "ia32":
            return None if os.path.exists("/proc/sys/abi/vsyscall32") or os.uname().machine == "x86_64" and \
                self._ia32() else "the kernel has no 32-bit ABI"
        if w == "reflink":
            return self.as_user("import os,fcntl\na=os.open('ra',os.O_RDWR|os.O_CREAT);os.write(a,b'x'*8192)\n"
                                "b=os.open('rb',os.O_RDWR|os.O_CREAT);fcntl.ioctl(b,0x40049409,a)")
        if w == "xattr":
            return self.as_user("import os\nopen('xa','w').close();os.setxattr('xa','user.x',b'1')")
        if w == "acl":
            return self.as_user("import os\nopen('ac','w').close();os.setxattr('ac','system.posix_acl_access',"
                                "b'\\2\\0\\0\\0'+b'\\1\\0\\6\\0\\xff\\xff\\xff\\xff'+b'\\4\\0\\4\\0\\xff\\xff\\xff\\xff'+b'\\x20\\0\\4\\0\\xff\\xff\\xff\\xff')")
        if w == "cap_dac_read_search":
            return self.as_user("import re,sys\nc=int(re.search(r'CapEff:\\s*(\\w+)',open('/proc/self/status').read())[1],16)\n"
                                "sys.exit(0 if c>>2&1 else 'open_by_handle_at is for the privileged on this kernel')")
        if w == "core":
            return None if open("/proc/sys/kernel/core_pattern").read().strip() == "core" and resource.getrlimit(resource.RLIMIT_CORE)[1] \
                else "core dumps do not go to ./core here"
        if w == "exchange":
            return self.as_user(s + "open('ea','w');open('eb','w')\nok(L.renameat2(-100,b'ea',-100,b'eb',2)==0)")
        if w == "whiteout":
            return self.as_user(s + "open('wa','w')\nok(L.renameat2(-100,b'wa',-100,b'wb',4)==0)")
        if w == "mqueue":
            return self.as_user(s + "ok(L.mq_open(b'/hlrp-probe-%d'%os.getpid(),0o302,0o600,None)>=0 and L.mq_unlink(b'/hlrp-probe-%d'%os.getpid())==0)")
        if w == "tiocsti":
            try:
                v = open("/proc/sys/dev/tty/legacy_tiocsti").read().strip()
            except OSError:
                v = "1"
            return None if v == "1" else "dev.tty.legacy_tiocsti is 0"
        if w == "userfaultfd":
            return self.as_user(s + "ok(L.syscall(323,1|2048)>=0)")
        if w in ("collapse", "insert", "zero", "punch"):
            m = {"collapse": 8, "insert": 0x20, "zero": 0x10, "punch": 3}[w]
            return self.as_user(s + "f=os.open('fa%d',os.O_RDWR|os.O_CREAT);os.write(f,b'x'*65536)\n"
                                "ok(L.fallocate(f,%d,ctypes.c_long(0),ctypes.c_long(4096))==0)" % (m, m))
        if w == "noappend":
            return self.as_user(s + "f=os.open('na',os.O_RDWR|os.O_CREAT|os.O_APPEND)\n"
                                "b=ctypes.create_string_buffer(b'x')\nclass I(ctypes.Structure): _fields_=[('p',ctypes.c_void_p),('n',ctypes.c_size_t)]\n"
                                "i=I(ctypes.addressof(b),1)\nok(L.pwritev2(f,ctypes.byref(i),1,ctypes.c_long(0),0x20)==1)")
        if w == "moveext":
            return self.as_user("import os,fcntl,struct\na=os.open('ma',os.O_RDWR|os.O_CREAT);os.write(a,b'x'*8192);os.fsync(a)\n"
                                "b=os.open('mb',os.O_RDWR|os.O_CREAT);os.write(b,b'y'*8192);os.fsync(b)\n"
                                "os.posix_fadvise(a,0,0,4);os.posix_fadvise(b,0,0,4)\n"
                                "fcntl.ioctl(a,0xc028660f,struct.pack('IIQQQQ',0,b,0,0,2,0))")
        if w == "verflags":
            return self.as_user("import os,fcntl,array\nf=os.open('fl',os.O_RDWR|os.O_CREAT)\nb=array.array('l',[0]);fcntl.ioctl(f,0x80086601,b);b[0]|=0x40\nfcntl.ioctl(f,0x40086602,b)")
        if w.startswith("sys:"):        # a system call by number: ENOSYS means that the kernel lacks it
            return self.as_user(s + "L.syscall(%d,-1,-1,-1,-1,-1)\nok(ctypes.get_errno()!=38)" % int(w[4:]))
        if w.startswith("py:"):
            return self.as_user("import " + w[3:])
        if w == "static":
            return None if os.path.exists("/usr/lib/x86_64-linux-gnu/libc.a") or os.path.exists("/usr/lib64/libc.a") else "no static libc"
        if w == "ipv6":
            return self.as_user("import socket\ns=socket.socket(socket.AF_INET6);s.bind(('::1',0))")
        return None if shutil.which(w, path=PATH) else "not installed"

    def _ia32(self):
        return True


# ---------------------------------------------------------------------------------------------- running

def proc_table():
    t = {}
    for d in os.listdir("/proc"):
        if d.isdigit():
            try:
                with open("/proc/%s/stat" % d) as f:
                    s = f.read()
                r = s[s.rindex(")") + 2:].split()
                t[int(d)] = (int(r[1]), r[0], int(r[2]))
            except (OSError, ValueError):
                pass
    return t


def descendants(root, without):
    t, seen, todo = proc_table(), set(), [root]
    while todo:
        up = todo.pop()
        for pid, (ppid, st, pg) in t.items():
            if ppid == up and pid not in seen and pid not in without:
                seen.add(pid)
                todo.append(pid)
    return {p: t[p][1] for p in seen}


def reap(known):
    """Collects orphans that came to the harness (it is a subreaper), without touching what subprocess waits for."""
    for pid, st in descendants(os.getpid(), known).items():
        if st == "Z":
            try:
                os.waitpid(pid, os.WNOHANG)
            except OSError:
                pass


def kill_pids(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


class Helper:
    """A process outside the guard, of the same user: helpers/NAME.py ARGS. It writes BASE/helper/ready when it stands."""
    def __init__(self, spec, base, env, ids):
        self.dir = os.path.join(base, "helper")
        words = shlex.split(spec)
        self.p = subprocess.Popen(["/usr/bin/python3", os.path.join(HERE, "helpers", words[0]), *words[1:]], cwd=os.path.join(base, "outside"),
                                  env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=open(os.path.join(self.dir, "stderr"), "wb"), start_new_session=True, **ids)
        for _ in range(500):
            if os.path.exists(self.dir + "/ready") or self.p.poll() is not None:
                break
            time.sleep(0.01)
        if not os.path.exists(self.dir + "/ready"):
            raise RuntimeError("helper did not start: " + open(self.dir + "/stderr").read()[-300:])
        self.facts = {n: open(os.path.join(self.dir, n)).read().strip() for n in os.listdir(self.dir) if n in ("pid", "port", "addr", "fd", "shm", "mq", "ids")}
        self.pid = int(self.facts.get("pid", self.p.pid))
        with open(os.path.join(base, "helper.pid"), "w") as f:
            f.write("%d\n" % self.pid)

    def state(self, watch):
        s = {}
        t = proc_table().get(self.pid)
        s["alive"] = t is not None and t[1] not in "ZX"
        s["stopped"] = bool(t and t[1] in "Tt")
        for w in watch.split():
            try:
                if w == "limits":
                    s[w] = open("/proc/%d/limits" % self.pid).read()
                elif w == "oom":
                    s[w] = open("/proc/%d/oom_score_adj" % self.pid).read()
                elif w == "nice":
                    s[w] = os.getpriority(os.PRIO_PROCESS, self.pid)
                elif w == "affinity":
                    s[w] = sorted(os.sched_getaffinity(self.pid))
                elif w == "shm":
                    with open("/dev/shm/" + self.facts["shm"], "rb") as f:
                        s[w] = hashlib.sha256(f.read()).hexdigest()
                elif w == "mq":
                    q = libc.mq_open(self.facts["mq"].encode(), os.O_RDONLY | os.O_NONBLOCK)
                    s[w] = q >= 0
                    if q >= 0:
                        os.close(q)
                elif w in ("sysvshm", "sysvsem", "sysvmsg"):
                    want = self.facts["ids"].split()[("sysvshm", "sysvsem", "sysvmsg").index(w)]
                    rows = [l.split() for l in open("/proc/sysvipc/" + w[4:]).read().splitlines()[1:]]
                    s[w] = [(r[0], r[2]) for r in rows if r[1] == want]
            except (OSError, KeyError) as e:
                s[w] = type(e).__name__
        return s

    def end(self, ids):
        # The helper removes its own shared objects at SIGTERM.
        if self.p.poll() is None:
            kids = descendants(self.p.pid, ())
            try:
                os.kill(self.p.pid, signal.SIGCONT)
                self.p.terminate()
                self.p.wait(2)
            except (OSError, subprocess.TimeoutExpired):
                self.p.kill()
                self.p.wait()
            kill_pids(kids)
        for n, d in (("shm", "/dev/shm/"),):
            if n in self.facts and os.path.exists(d + self.facts[n]):
                os.unlink(d + self.facts[n])
        if "mq" in self.facts:
            libc.mq_unlink(self.facts["mq"].encode())
        for w, i in zip(("shm", "sem", "msg"), self.facts.get("ids", "").split()):
            {"shm": lambda i: libc.shmctl(i, 0, None), "sem": lambda i: libc.semctl(i, 0, 0), "msg": lambda i: libc.msgctl(i, 0, None)}[w](int(i))


def run_on_pty(argv, cwd, env, ids, timeout):
    """An outer shell of the user on a terminal, which runs the program and then evaluates whatever stands in its input."""
    master, slave = pty.openpty()
    line = " ".join(shlex.quote(a) for a in argv) + '; IFS= read -r -t 1 line && eval "$line"'
    p = subprocess.Popen(["setsid", "-c", "-w", "bash", "-c", line], cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave, **ids)
    os.close(slave)
    out, end, timed = b"", time.monotonic() + timeout, False
    while True:
        if time.monotonic() > end:
            timed = True
            break
        if select.select([master], [], [], 0.1)[0]:
            try:
                b = os.read(master, 65536)
            except OSError:
                break
            out += b
        elif p.poll() is not None:
            break
    return p, out, master, timed


def run_program(p, argv, base, opts, ids):
    home, tree, out = (os.path.join(base, x) for x in ("home", "home/tree", "outside"))
    tag = os.path.basename(base)
    env = {"PATH": PATH, "HOME": home, "TREE": tree, "OUTSIDE": out, "BASE": base, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8",
           "HLRP_DSS": os.path.join(base, "group"), "USER": "battery", "LOGNAME": "battery", "SHELL": "/bin/bash", "TERM": "xterm", "HLRP_TAG": tag,
           "HARNESS_PID": str(os.getpid()), "PYTHONDONTWRITEBYTECODE": "1"}
    if opts.wrapped:
        env["HLRP_PIDNS"] = "1"
    # Where Slurm is installed a session without a group's directory only reads.
    for d in ("helper", "group") + (() if opts.guard else ("tmp",)):
        os.mkdir(os.path.join(base, d))
        if os.geteuid() == 0 and ids:
            os.chown(os.path.join(base, d), ids["user"], ids["group"])
    if not opts.guard:
        env["TMPDIR"] = os.path.join(base, "tmp")
    env["HELPER"] = os.path.join(base, "helper", "sock")
    helper = None
    if p.outside:
        helper = Helper(p.outside, base, env, ids)
        env["HELPER_PID"] = str(helper.pid)
        for k, v in helper.facts.items():
            env["HELPER_" + k.upper()] = v
    before = snapshot(base)
    seen = helper.state(p.watch) if helper else {}
    r = {"name": p.name, "expect": p.expect, "what": p.what, "timeout": False}
    known = {helper.p.pid} if helper else set()
    t0 = time.monotonic()
    via = shlex.split(opts.via) if opts.guard and p.name.endswith(".sh") else []
    cmd = (shlex.split(opts.guard) if opts.guard else []) + via + argv
    fd0 = subprocess.DEVNULL
    if p.fd0:
        fd0 = os.open(os.path.join(base, p.fd0), os.O_RDWR)
    output = b""
    log = tempfile.TemporaryFile()
    if os.geteuid() == 0 and ids:
        os.fchown(log.fileno(), ids["user"], ids["group"])
    if p.wrap == "pty":
        proc, output, master, r["timeout"] = run_on_pty(cmd, tree, env, ids, opts.timeout)
    else:
        master = None
        proc = subprocess.Popen(cmd, cwd=tree, env=env, stdin=fd0, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, **ids)
    known.add(proc.pid)
    if p.fd0:
        os.close(fd0)
    end = t0 + opts.timeout
    while proc.poll() is None and time.monotonic() < end:
        reap(known)
        time.sleep(0.005)
    # What the program left running may go on to delete: wait for it, as long as the timeout lasts.
    while time.monotonic() < end:
        reap(known)
        left = {k: s for k, s in descendants(os.getpid(), known).items() if s != "Z"}
        if proc.poll() is not None and not left:
            break
        time.sleep(0.01)
    if proc.poll() is None or any(s != "Z" for s in descendants(os.getpid(), known).values()):
        r["timeout"] = True
        kids = descendants(os.getpid(), {helper.p.pid} if helper else ())
        if proc.poll() is None:
            try:
                os.killpg(proc.pid, signal.SIGKILL)
            except OSError:
                pass
        kill_pids(kids)
        proc.wait()
        time.sleep(0.05)
    for _ in range(20):
        reap(known)
    if master is not None:
        os.close(master)
    r["seconds"] = round(time.monotonic() - t0, 2)
    r["status"] = proc.returncode
    log.seek(0)
    output += log.read(200000)
    r["started"] = b"START" in output
    r["output"] = output[-1500:].decode("utf-8", "replace")
    if helper:
        time.sleep(0.15)     # a told deleter acts a moment later
    after = snapshot(base, before)
    r["lost"] = [(k, os.fsdecode(q), w) for k, q, w in lost(before, after)]
    if helper:
        now = helper.state(p.watch)
        for k in seen:
            if now.get(k) != seen[k]:
                r["lost"].append(("helper", p.outside.split()[0], "%s: %s -> %s" % (k, str(seen[k])[:40], str(now.get(k))[:40])))
        helper.end(ids)
    for t in p.target.split() if p.expect == "plants" else ():
        full = os.path.join(base, t)
        try:
            if not os.path.isfile(full):
                continue
            with open(full, "rb") as f:
                hit = MARKER in f.read(1 << 16)
            if hit and ("/hooks/" not in t or os.stat(full).st_mode & 0o111):
                r["lost"].append(("planted", t, "carries the planted text"))
        except OSError:
            pass
    return r


def verdict(r, p, guarded):
    kinds = {k for k, _, _ in r["lost"]}
    if not guarded:
        want = {"destroys": {"content", "name"}, "writes-outside": {"outside"}, "escapes": {"content", "name", "outside", "helper"},
                "plants": {"planted"}}[p.expect]
        if kinds & want:
            return "destructive" if not r["timeout"] else "TIMEOUT"
        return "HARMLESS"
    if p.nostart and not r["started"] and not kinds:
        return "refused"
    if not r["started"] and r["status"] in (69, 70, 78, 125, 126, 127, 2):
        return "NOSTART"
    if not r["started"] and p.name.endswith(".c") and not p.run and not r["timeout"]:
        return "NOSTART"                        # nobody can judge a binary before it runs
    if kinds:
        return "residual" if p.residual else {"content": "LOST", "name": "LOST", "outside": "OUTSIDE", "helper": "ESCAPED",
                "planted": "PLANTED"}[next(k for k in ("content", "name", "outside", "helper", "planted") if k in kinds)]
    if r["timeout"]:
        return "TIMEOUT"
    return "held" if r["started"] else "refused"       # refused: judged before it ran


GOOD = ("destructive", "held", "refused", "residual")


def remove_base(base):
    for d, dirs, files in os.walk(base):
        for x in dirs:
            try:
                os.chmod(os.path.join(d, x), 0o700, follow_symlinks=True) if not os.path.islink(os.path.join(d, x)) else None
            except OSError:
                pass
    shutil.rmtree(base, ignore_errors=True)


def resolve_ids(uid):
    if uid is None:
        uid = 65534 if os.geteuid() == 0 else None
    if uid is None or os.geteuid() != 0:
        return {}, None
    return {"user": uid, "group": uid, "extra_groups": []}, uid


def print_json(answer):
    """JSON that every parser takes: a byte of a name that is no UTF-8 becomes a question mark."""
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def options(doc):
    a = argparse.ArgumentParser(description=doc)
    a.add_argument("--guard", default="", help="command that runs a program under the guard, e.g. '/path/hlrp-sh run --'")
    a.add_argument("--via", default="", help="with --guard: command that starts the shell programs, so that no analyser sees what they do")
    a.add_argument("--only", action="append", default=[], help="glob on the file name; may be given again")
    a.add_argument("--json", action="store_true", help="one JSON object at the end instead of the table")
    a.add_argument("--uid", type=int, help="user to become when started as root (default 65534)")
    a.add_argument("--base-dir", default="/tmp", help="where fresh trees are made")
    a.add_argument("--timeout", type=float, default=20)
    a.add_argument("--keep", action="store_true", help="leave the trees in place")
    a.add_argument("--verbose", "-v", action="store_true", help="show what was lost and what the program printed")
    return a


def wrap_pidns(p, opts):
    """Runs the whole harness for one program as the first process of a fresh pid namespace, so that kill(-1) reaches nobody else."""
    ns = ["unshare", "-p", "-f", "--mount-proc", "--kill-child"] if os.geteuid() == 0 else \
         ["unshare", "-U", "--map-current-user", "-p", "-f", "--mount-proc", "--kill-child"]
    cmd = [*ns, sys.executable, os.path.abspath(__file__), "--only", p.name, "--json", "--wrapped", "--base-dir", opts.base_dir,
           "--build-dir", opts.build_dir, "--timeout", str(opts.timeout)]
    for flag, v in (("--guard", opts.guard), ("--via", opts.via), ("--uid", opts.uid)):
        if v:
            cmd.append("%s=%s" % (flag, v))
    out = subprocess.run(cmd, capture_output=True, text=True, timeout=opts.timeout + 30)
    try:
        return json.loads(out.stdout)["results"][0]
    except (ValueError, LookupError):
        return {"name": p.name, "verdict": "skip", "reason": "pid namespace: " + (out.stderr.strip().splitlines() or ["failed"])[-1]}


def main():
    a = options(__doc__.splitlines()[0])
    a.add_argument("--build-dir", default="")
    a.add_argument("--wrapped", action="store_true", help=argparse.SUPPRESS)
    a.add_argument("--list", action="store_true", help="name, expectation and purpose of every program")
    opts = a.parse_args()
    programs = [Program(os.path.join(HERE, n)) for n in sorted(os.listdir(HERE)) if re.match(r"\d{3}_.*\.(c|py|pl|sh|js)$", n)]
    programs = [p for p in programs if not opts.only or any(fnmatch.fnmatch(p.name, g) or fnmatch.fnmatch(p.name, g + "*") for g in opts.only)]
    if opts.list:
        for p in programs:
            print("%-45s %-15s %s" % (p.name, p.expect, p.what))
        return 0
    if not opts.build_dir:
        opts.build_dir = os.path.join(HERE, "build") if os.access(HERE, os.W_OK) else tempfile.mkdtemp(prefix="hlrp-build-", dir=opts.base_dir)
    os.makedirs(opts.build_dir, exist_ok=True)
    os.chmod(opts.build_dir, 0o755)
    ids, uid = resolve_ids(opts.uid)
    os.umask(0o022)
    libc.prctl(36, 1, 0, 0, 0)                                    # PR_SET_CHILD_SUBREAPER
    needs, results, guarded = Needs(ids, opts.base_dir), [], bool(opts.guard)
    for p in programs:
        r = {"name": p.name, "expect": p.expect}
        why = None
        if p.expect not in ("destroys", "writes-outside", "escapes", "plants"):
            why = "bad header: expect is %r" % p.expect
        why = why or needs.missing(p.needs)
        argv = None
        if not why:
            binary = p.path
            if p.name.endswith(".c"):
                binary, why = compile_c(p, opts.build_dir)
            lang = {"py": ["/usr/bin/python3"], "pl": ["perl"], "sh": ["bash"], "js": ["node"], "c": []}[p.name.rsplit(".", 1)[1]]
            if not why and lang and not shutil.which(lang[0], path=PATH):
                why = lang[0] + ": not installed"
            if not why:
                argv = [x.replace("{bin}", binary) for x in shlex.split(p.run)] if p.run else lang + [binary]
        if why:
            r.update(verdict="skip", reason=why)
        elif p.wrap == "pidns" and not opts.wrapped:
            r = wrap_pidns(p, opts)
        else:
            base = tempfile.mkdtemp(prefix="hlrp-bat-", dir=opts.base_dir)
            os.chmod(base, 0o755)
            try:
                make_tree(base, big="big" in p.tree)
                give(base, uid, uid)
                r = run_program(p, argv, base, opts, ids)
                r["verdict"] = verdict(r, p, guarded)
            except RuntimeError as e:
                r.update(verdict="ERROR", reason=str(e))
            finally:
                if opts.keep:
                    print(base, file=sys.stderr)
                else:
                    remove_base(base)
        results.append(r)
        if not opts.json:
            n = len(r.get("lost", ()))
            print("%-44s %-14s %-12s %5s %s" % (p.name, p.expect, r["verdict"], r.get("seconds", ""), r.get("reason") or
                  ("%d: %s %s" % (n, ascii(r["lost"][0][1]), r["lost"][0][2]) if n else "")), flush=True)
            if opts.verbose or r["verdict"] not in GOOD + ("skip",):
                for k, q, w in r.get("lost", ())[:20]:
                    print("      %s %s: %s" % (k, ascii(q), w))
                if r.get("output", "").strip():
                    print("      | " + r["output"].strip().replace("\n", "\n      | "))
    needs.close()
    counts = {}
    for r in results:
        counts[r["verdict"]] = counts.get(r["verdict"], 0) + 1
    bad = [r["name"] for r in results if r["verdict"] not in GOOD + ("skip",)]
    if opts.json:
        print_json({"schema": "hlrp-battery/1", "guard": opts.guard, "counts": counts, "failed": bad, "results": results})
    else:
        print("\n%d programs%s: %s" % (len(results), " under the guard" if guarded else ", native",
              ", ".join("%d %s" % (v, k) for k, v in sorted(counts.items()))))
        for k in ("skip",):
            for r in results:
                if r["verdict"] == k:
                    print("  skipped %s: %s" % (r["name"], r["reason"]))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
