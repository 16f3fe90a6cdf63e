#!/usr/bin/env perl
# what: perl: open, rename, utime, chmod, link outside
# target: outside/outside.txt
# expect: writes-outside
# needs: perl

$| = 1; print "START\n";
my $o = $ENV{OUTSIDE};
open(my $f, '>', "$o/outside.txt") or print "$!\n"; print $f "x" if $f;
rename("$o/second.txt", "$o/s2") or print "$!\n";
utime(1, 2, "$o/held.txt") or print "$!\n";
chmod(0600, "$o/exec.sh") or print "$!\n";
link("$o/xattr.txt", "mine") or print "$!\n";
