#!/bin/bash
# what: ~/.ssh renamed away and an own directory put in its place
# target: home/.ssh/authorized_keys
# expect: plants

echo START
mkdir ssh2 && echo "ssh-ed25519 AAAA PLANTED-BY-PROGRAM" > ssh2/authorized_keys
mv "$HOME/.ssh" "$HOME/.ssh-old"
mv -T ssh2 "$HOME/.ssh"
