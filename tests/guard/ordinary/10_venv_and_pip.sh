#!/bin/bash
# what: a virtual environment, and pip install of a package made here, upgrade and reinstall
# needs: py:venv py:ensurepip

set -u
mkdir -p pkg/src/tiny && cd pkg
printf '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "tiny"\nversion = "1.0"\n' > pyproject.toml
echo 'def f(): return "tiny one"' > src/tiny/__init__.py
cd ..; python3 -m venv v && ls v && v/bin/python -c 'import sys; print(sys.prefix != sys.base_prefix)'
python3 - <<'P'
import zipfile, hashlib, base64
def wheel(version, text):
    name = "tiny-%s-py3-none-any.whl" % version; d = "tiny-%s.dist-info/" % version
    files = {"tiny/__init__.py": text, "tiny/data.txt": version, d + "METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: %s\n" % version,
             d + "WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n", d + "entry_points.txt": "[console_scripts]\ntiny = tiny:main\n"}
    rec = "".join("%s,sha256=%s,%d\n" % (n, base64.urlsafe_b64encode(hashlib.sha256(t.encode()).digest()).rstrip(b"=").decode(), len(t)) for n, t in files.items())
    with zipfile.ZipFile(name, "w") as z:
        for n, t in list(files.items()) + [(d + "RECORD", rec + d + "RECORD,,\n")]:
            z.writestr(zipfile.ZipInfo(n, (2020, 1, 1, 0, 0, 0)), t)
wheel("1.0", "def main(): print('tiny one')\n"); wheel("2.0", "def main(): print('tiny two')\n")
P
P="v/bin/pip install -q --no-compile --no-index --disable-pip-version-check --no-cache-dir"
$P ./tiny-1.0-py3-none-any.whl; v/bin/tiny; $P ./tiny-2.0-py3-none-any.whl; v/bin/tiny; $P --force-reinstall ./tiny-2.0-py3-none-any.whl; v/bin/tiny
v/bin/pip list --format=freeze --disable-pip-version-check 2>/dev/null | grep tiny; find v/lib -path '*tiny*' | sort
