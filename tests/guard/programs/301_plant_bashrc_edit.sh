#!/bin/bash
# what: a line appended to ~/.bashrc and ~/.profile, and in place
# target: home/.bashrc home/.profile
# expect: plants

echo START
echo '# PLANTED-BY-PROGRAM' >> "$HOME/.bashrc"
sed -i '1i # PLANTED-BY-PROGRAM' "$HOME/.profile"
