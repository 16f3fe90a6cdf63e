#!/bin/bash
# what: perl: files, directories, sockets, fork
# needs: perl

set -u
cat > x.pl <<'P'
use strict; use File::Temp 'tempfile'; use File::Copy; use IO::Socket::UNIX;
my ($fh, $n) = tempfile(UNLINK => 1); print $fh "x"; close $fh; print -s $n, "\n"; copy('notes.txt', 'copied.txt'); print -s 'copied.txt', "\n"; mkdir 'pd'; rename 'copied.txt', 'pd/moved.txt'; print join(',', glob 'pd/*'), "\n";
my $p = open(my $k, '-|') // die; if (!$p) { print "from the child\n"; exit } print <$k>; open(my $o, '>>', 'notes.txt'); print $o "appended\n"; close $o; print `tail -1 notes.txt`;
P
perl x.pl
