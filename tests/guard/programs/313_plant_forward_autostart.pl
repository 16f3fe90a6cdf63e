#!/usr/bin/env perl
# what: other files that run things later
# target: home/.forward home/.config/autostart/x.desktop home/.pam_environment home/.xprofile
# expect: plants
# needs: perl

$| = 1; print "START\n";
mkdir "$ENV{HOME}/.config/autostart";
for my $f ('.forward', '.config/autostart/x.desktop', '.pam_environment', '.xprofile') {
    open(my $h, '>', "$ENV{HOME}/$f") or do { print "$f: $!\n"; next };
    print $h "# PLANTED-BY-PROGRAM\n";
}
