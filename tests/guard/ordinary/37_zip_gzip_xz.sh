#!/bin/bash
# what: zip, unzip into a fresh directory, gzip -k, zcat, xz -k, python's zipfile
# needs: zip unzip
# ignore: a.zip

set -u
zip -qrX a.zip docs data/alpha.txt; unzip -qd un a.zip; diff -r docs un/docs && echo same; gzip -nk notes.txt; zcat notes.txt.gz | cmp - notes.txt && echo gz; xz -k data/beta.txt 2>/dev/null && xzcat data/beta.txt.xz | cmp - data/beta.txt && echo xz; unzip -l a.zip | tail -1 | awk '{ print $2 }'; bzip2 -k config.yaml 2>/dev/null; zip -qX -u a.zip site/index.html; unzip -Z1 a.zip | sort
