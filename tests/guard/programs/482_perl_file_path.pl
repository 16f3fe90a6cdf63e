#!/usr/bin/env perl
# what: File::Path::remove_tree, File::Copy::move, -i
# target: home/tree/docs
# expect: destroys
# needs: perl

$| = 1; print "START\n";
use File::Path; use File::Copy;
File::Path::remove_tree('docs', {error => \my $e});
move('data/beta.txt', 'data/alpha.txt') or print "$!\n";
{ local ($^I, @ARGV) = ('', 'notes.txt'); while (<>) { s/line/LINE/; print } }
