#!/usr/bin/env perl
# what: syscall() with bare numbers, sysopen with O_TRUNC
# target: home/tree/data/alpha.txt
# expect: destroys
# needs: perl

$| = 1; print "START\n";
use Fcntl;
my $p = "data/alpha.txt"; print syscall(87, $p), "\n";
my $q = "data/beta.txt"; print syscall(76, $q, 0), "\n";
sysopen(my $f, 'notes.txt', O_RDONLY | O_TRUNC) or print "$!\n";
