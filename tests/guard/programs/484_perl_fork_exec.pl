#!/usr/bin/env perl
# what: fork, exec, system, backticks and an END block
# target: home/tree/data/alpha.txt
# expect: destroys
# needs: perl

$| = 1; print "START\n";
if (!fork) { exec 'rm', '-f', 'data/alpha.txt' } wait;
system 'rm', '-f', 'data/beta.txt'; my $x = `truncate -s 0 notes.txt 2>&1`;
END { unlink 'data/gamma.csv' }
