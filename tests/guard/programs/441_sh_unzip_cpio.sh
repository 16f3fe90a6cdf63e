#!/bin/bash
# what: unzip -o over old files
# target: home/tree/data/alpha.txt
# expect: destroys
# needs: zip unzip

echo START
mkdir -p z/data && echo zip > z/data/alpha.txt && (cd z && zip -qr ../z.zip data)
unzip -qo z.zip
