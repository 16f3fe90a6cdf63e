#!/usr/bin/env python3
# what: zipfile, tarfile and gzip opened for writing over old files, and a tar extracted over them
# target: home/tree/data/small.bin
# expect: destroys

print('START', flush=True)
import gzip, io, tarfile, zipfile
zipfile.ZipFile("data/small.bin", "w").close()
gzip.open("run/exp1/ckpt_2.pt", "wb").close()
b = io.BytesIO()
with tarfile.open(fileobj=b, mode="w") as t:
    i = tarfile.TarInfo("data/alpha.txt"); i.size = 3
    t.addfile(i, io.BytesIO(b"tar"))
b.seek(0)
tarfile.open(fileobj=b).extractall(".")
