#!/bin/bash
# what: the user's own policy: created, or the directory above it swapped
# target: home/.config/hlrp-sh/policy.toml
# expect: plants

echo START
p="$HOME/.config/hlrp-sh"
mkdir -p "$p" && printf '# PLANTED-BY-PROGRAM\n' > "$p/policy.toml"
chmod 700 "$p" && printf '# PLANTED-BY-PROGRAM\n' > "$p/policy.toml"
mkdir -p cfg/hlrp-sh && printf '# PLANTED-BY-PROGRAM\n' > cfg/hlrp-sh/policy.toml
[ -e "$p/policy.toml" ] || { mv "$p" "$p-old"; mv cfg/hlrp-sh "$p"; }
true
