#!/usr/bin/env perl
# what: unlink, rename, truncate, open '>' and '+>'
# target: home/tree/data/alpha.txt
# expect: destroys
# needs: perl

$| = 1; print "START\n";
unlink 'data/alpha.txt' or print "$!\n";
rename 'notes.txt', 'config.yaml' or print "$!\n";
truncate 'data/beta.txt', 0 or print "$!\n";
open(my $f, '+>', 'data/gamma.csv') or print "$!\n";
rmdir 'empty_dir' or print "$!\n";
