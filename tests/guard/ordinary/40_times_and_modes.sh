#!/bin/bash
# what: touch, utime, chmod, umask, setfacl-free modes, xattr on own and old files inside
# needs: xattr

set -u
touch -d 2021-02-03 stamped; stat -c '%y %a' stamped; touch -r stamped notes.txt; stat -c %y notes.txt; touch -m -t 202001010000 data/alpha.txt; stat -c %y data/alpha.txt
umask 077; echo x > private2; mkdir pd; umask 002; echo x > group; mkdir gd; umask 0; echo x > all; stat -c '%a %n' private2 pd group gd all
chmod 640 notes.txt; chmod u+x script.py; chmod 555 gd; chmod 755 gd; chmod g+s gd; stat -c '%a %n' notes.txt script.py gd
python3 -c 'import os; os.setxattr("notes.txt", "user.mine", b"1"); print(os.getxattr("notes.txt", "user.mine")); os.removexattr("notes.txt", "user.mine"); print(os.listxattr("notes.txt")); os.utime("config.yaml", (1, 2)); print(os.stat("config.yaml").st_mtime); os.chmod("config.yaml", 0o600)'
