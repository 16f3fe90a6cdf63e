#!/bin/bash
# what: unittest with discovery, temporary files and directories, and a cache

set -u
mkdir t && cd t
cat > test_x.py <<'P'
import os, tempfile, unittest, pathlib, shutil
class T(unittest.TestCase):
    def setUp(self): self.d = tempfile.TemporaryDirectory()
    def tearDown(self): self.d.cleanup()
    def test_files(self):
        p = pathlib.Path(self.d.name, "a"); p.write_text("x"); self.assertEqual(p.read_text(), "x"); p.unlink(); self.assertFalse(p.exists())
    def test_tree(self):
        shutil.copytree("..//docs", self.d.name + "/docs"); shutil.rmtree(self.d.name + "/docs"); self.assertEqual(os.listdir(self.d.name), [])
    def test_named(self):
        with tempfile.NamedTemporaryFile("w+") as f: f.write("y"); f.flush(); self.assertEqual(pathlib.Path(f.name).read_text(), "y")
        self.assertFalse(os.path.exists(f.name))
P
python3 -m unittest -v 2>&1 | sed 's/ in [0-9.]*s//'
