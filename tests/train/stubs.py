"""Puts stubs of the NVIDIA libraries beside torch's own, so that the CUDA wheel imports where there is neither driver nor
3 GB of NVIDIA wheels. Every function of a stub returns 100, "no device": torch.cuda.is_available() is False, all else works.

Only for the tests' own virtual environment: torch's rpath ends in its own folder, so nothing else ever sees the stubs.

usage: stubs.py SITE_PACKAGES
"""

import collections
import re
import subprocess
import sys
from pathlib import Path

SYSTEM = re.compile(r"^(ld-linux|lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s|gomp)\.so)")
SYSTEM_VERSIONS = ("GLIBC", "GCC_", "CXXABI", "GOMP", "OMP", "LIBGOMP")
NO_DEVICE = "int {}(void) {{ return 100; }}\n"


def main():
    site = Path(sys.argv[1])
    torch = site / "torch" / "lib"
    present = {path.name for folder in (torch, *site.glob("nvidia/*/lib")) for path in folder.glob("*.so*")}
    libraries = sorted(torch.glob("*.so*"))
    missing = sorted(name for name in needed(libraries) if name not in present and not SYSTEM.match(name))
    versioned, plain = undefined(libraries)
    for name in missing:
        versions = {tag: symbols for tag, symbols in versioned.items() if belongs(tag, name)}
        # A symbol without a version may come from any library: one of them carries them all.
        write(torch / name, versions, plain if name.startswith("libcusparseLt") else set())
    print(f"{len(missing)} stubs in {torch}")


def needed(libraries):
    text = "".join(run("readelf", "-d", path) for path in libraries)
    return set(re.findall(r"NEEDED.*\[(.*)\]", text))


def undefined(libraries):
    """The symbols the libraries want from outside: by version tag, and those without one."""
    wanted, defined = set(), set()
    for path in libraries:
        for kind, symbol in re.findall(r"^[0-9a-f ]*\s(\w) (\S+)$", run("nm", "-D", path), re.M):
            if kind == "U":
                wanted.add(symbol)
            elif kind not in "wv":
                defined.add(symbol.partition("@")[0])
    versioned, plain = collections.defaultdict(set), set()
    for symbol in wanted:
        name, _, tag = symbol.replace("@@", "@").partition("@")
        if tag.startswith(SYSTEM_VERSIONS) or (not tag and name in defined):
            continue
        if tag:
            versioned[tag].add(name)
        elif not name.startswith(("_Py", "Py", "_Z")):
            plain.add(name)
    return versioned, plain


def belongs(tag, library):
    return tag.partition(".so")[0] == library.partition(".so")[0] or (tag == "NVSHMEM" and "nvshmem" in library)


def write(path, versions, plain):
    command = ["gcc", "-shared", "-fPIC", "-w", "-fno-builtin", f"-Wl,-soname,{path.name}", "-o", path, "-x", "c", "-"]
    names = sorted(set().union(plain, *versions.values()))
    script = path.with_suffix(".map")
    if versions:
        script.write_text("".join(f"{tag} {{ global: {'; '.join(sorted(them))}; }};\n" for tag, them in versions.items()))
        command.insert(1, f"-Wl,--version-script={script}")
    subprocess.run(command, input="".join(map(NO_DEVICE.format, names)), text=True, check=True)
    script.unlink(missing_ok=True)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
