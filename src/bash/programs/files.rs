//! Core utilities that change files.

use super::copy;
use super::find;
use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect, Effect::*, Program, each, looks, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Change::{HarshMode, Mode, Owner, Times, Xattr};
use crate::policy::Deletable::{Path, Service};
use crate::policy::Node::{Directory, File, Mount, Special};
use crate::policy::WriteHow::{Append, Edit, Overwrite};
use crate::policy::{Action, Change, Entries, Presence, Purpose};

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    each(&["rm", "rmdir", "unlink", "shred", "wipe", "srm", "sfill", "scrub", "trash", "trash-put", "trash-empty", "trash-rm", "rimraf", "tmpreaper", "tmpwatch", "del", "rmlint"], Delete(Path)).values("-n -s --iterations --size --random-source --interactive"),
    special(&["mkdir"], make_directory).values("-m --mode -Z --context"),
    special(&["touch"], touch).values("-d -t -r --date --reference --time"),
    special(&["cp"], copy::copy).values("-t -S --target-directory --suffix"),
    special(&["mv"], copy::rename).values("-t -S --target-directory --suffix"),
    special(&["ln"], copy::link).values("-t -S --target-directory --suffix"),
    special(&["link"], copy::link),
    special(&["install", "ginstall"], copy::install).values("-t -S -m -o -g --target-directory --suffix --mode --owner --group --strip-program"),
    special(&["rename", "prename", "perl-rename", "file-rename", "mmv", "vidir", "qmv", "imv", "detox"], copy::rename_many).harmless("-n --nono --dry-run --just-print --no-act --help --version -V").values("-e -s"),
    each(&["mkfifo", "mknod"], Create(Special)).values("-m --mode"),
    special(&["mktemp", "tempfile"], make_temporary).values("-p --tmpdir --suffix"),
    special(&["truncate"], truncate).values("-s --size -r --reference"),
    special(&["fallocate"], fallocate).values("-o --offset -l --length"),
    special(&["dd", "dcfldd"], dd).words(),
    special(&["tee"], tee).harmless("--help --version"),
    each(&["sponge"], Write(Overwrite)).flags(&[("-a", Write(Append))]),
    special(&["split", "csplit"], split).values("-a -b -C -l -n -t -f -d --suffix-length --bytes --line-bytes --lines --number --additional-suffix --prefix --filter"),
    special(&["chmod"], chmod).values("--reference"),
    special(&["chown", "chgrp", "lchown"], chown).values("--reference --from"),
    special(&["setfacl", "nfs4_setfacl"], setfacl).values("-m -x -M -X --modify --remove --set --restore --set-file"),
    each(&["setfattr"], Attribute(Xattr)).values("-n -v -x --name --value --remove --restore"),
    special(&["chattr", "chcon"], attributes),
    each(&["mkfs", "mkfs.ext4", "mkfs.xfs", "mkfs.btrfs", "mkfs.vfat", "mkfs.ext3", "mkswap", "wipefs", "mke2fs", "blkdiscard", "hdparm", "cryptsetup", "luksformat", "badblocks", "e2fsck", "fsck", "xfs_repair", "tune2fs", "resize2fs"], Write(Overwrite)).harmless("-n --no-act --help --version -V").values("-t -L -U -b"),
    each(&["fdisk", "parted", "sfdisk", "cfdisk", "gdisk", "sgdisk", "lvremove", "vgremove", "pvremove", "lvresize", "lvcreate", "mdadm", "zpool", "zfs", "dmsetup", "btrfs"], Write(Overwrite)).harmless("-l --list --help --version status list -n").verbs(&[("list", Is(Purpose::ReadOnly)), ("status", Is(Purpose::ReadOnly)), ("get", Is(Purpose::ReadOnly)), ("destroy", Delete(Service)), ("subvolume delete", Delete(Path)), ("subvolume list", Is(Purpose::ReadOnly)), ("filesystem show", Is(Purpose::ReadOnly)), ("filesystem df", Is(Purpose::ReadOnly))]),
    special(&["mount", "umount", "fusermount", "fusermount3", "sshfs", "losetup"], mount).values("-t -o --types --options"),
    each(&["swapon", "swapoff"], Create(Mount)).harmless("--show -s --summary --help --version"),
    looks(&["sync", "fsync"]),
    special(&["find", "gfind", "bfs"], find::find).words().harmless(""),
    special(&["fd", "fdfind"], find::fd).values("-e -t -d -E -S -o -c -j --extension --type --max-depth --exclude --size --owner --base-directory --search-path -x -X --exec --exec-batch").harmless(""),
    plain(&["lfs"]).verbs(&[("quota", Is(Purpose::ReadOnly)), ("df", Is(Purpose::ReadOnly)), ("getstripe", Is(Purpose::ReadOnly)), ("find", Is(Purpose::ReadOnly)), ("osts", Is(Purpose::ReadOnly)), ("setstripe -d", Nothing), ("rm_entry", Delete(Path)), ("mkdir", Create(Directory)), ("hsm_remove", Delete(Path)), ("hsm_release", Nothing)]),
    plain(&["logrotate"]).harmless("-d --debug --help --version --usage").flags(&[("-f --force", Delete(Path))]).values("-s --state -l --log"),
    plain(&["fdupes"]).flags(&[("-d --delete", Delete(Path)), ("-N --noprompt", Nothing)]),
    plain(&["jdupes"]).flags(&[("-d --delete", Delete(Path)), ("-L --linkhard", Delete(Path))]),
    plain(&["rdfind"]).words().flags(&[("-deleteduplicates", Delete(Path)), ("-makehardlinks", Delete(Path))]),
    plain(&["hardlink"]).harmless("-n --dry-run --help --version"),
    plain(&["gio"]).verbs(&[("trash", Delete(Path)), ("remove", Delete(Path)), ("mkdir", Create(Directory)), ("list", Is(Purpose::ReadOnly)), ("cat", Is(Purpose::ReadOnly)), ("info", Is(Purpose::ReadOnly)), ("tree", Is(Purpose::ReadOnly))]),
];

/// `cat`: what it writes may be known.
pub(crate) fn cat(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.looks(call);
    if call.name != "cat" || !cut.flags.is_empty() {
        return Feed::Unknown;
    }
    match cut.operands.as_slice() {
        [] => call.feed.clone(),
        [only] if only.text() == "-" => call.feed.clone(),
        [only] => match only.guess.as_ref().filter(|_| only.text() == "<(…)") {
            Some(text) => Feed::Text(text.clone()),
            None => walker.file_feed(only),
        },
        _ => Feed::Unknown,
    }
}

/// `basename PATH`, `dirname PATH`: what comes out is known where the path is.
pub(crate) fn part(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.looks(call);
    let ([only], true) = (cut.operands.as_slice(), cut.flags.is_empty()) else {
        return Feed::Unknown;
    };
    let Some(path) = only.known().map(|text| text.trim_end_matches('/')) else {
        return Feed::Unknown;
    };
    let part = match (call.name, path.rsplit_once('/')) {
        ("dirname", Some(("", _))) => "/",
        ("dirname", Some((directory, _))) => directory,
        ("dirname", None) => ".",
        (_, Some((_, name))) => name,
        (_, None) => path,
    };
    Feed::Text(format!("{part}\n"))
}

/// `man -P COMMAND`.
pub(crate) fn manual(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.looks(call);
    for line in cut.values("-P --pager -H --html") {
        walker.line_of(&line, call);
    }
    Feed::Unknown
}

/// `xxd IN OUT`.
pub(crate) fn dump(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    match cut.operands.get(1) {
        Some(out) => {
            walker.plain(call);
            walker.write(out, Overwrite);
        }
        None => walker.looks(call),
    }
    Feed::Unknown
}

fn make_directory(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    for operand in &cut.operands {
        walker.effect(Create(Directory), &[operand], call.name, &operand.span);
    }
    Feed::Text(String::new())
}

fn make_temporary(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let directory = cut.values("-p --tmpdir");
    for field in &directory {
        walker.effect(Create(File), &[field], call.name, &field.span);
    }
    if directory.is_empty() && !cut.has("-t --tmpdir") {
        for operand in &cut.operands {
            let node = if cut.has("-d --directory") {
                Directory
            } else {
                File
            };
            walker.effect(Create(node), &[operand], call.name, &operand.span);
        }
    }
    Feed::Unknown
}

fn touch(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    for operand in &cut.operands {
        let is_taken = operand
            .known()
            .is_some_and(|name| walker.presence(name).is_taken());
        let effect = if is_taken || cut.has("-c --no-create -h") {
            Attribute(Times)
        } else {
            Create(File)
        };
        walker.effect(effect, &[operand], call.name, &operand.span);
    }
    Feed::Text(String::new())
}

fn truncate(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let grows = cut
        .value("-s --size")
        .is_some_and(|size| size.starts_with(['+', '>']));
    let effect = if grows { Write(Edit) } else { Empty };
    walker.effect(effect, &cut.operands, call.name, &call.span);
    Feed::Text(String::new())
}

fn fallocate(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let punches = cut.has("-p --punch-hole -c --collapse-range -z --zero-range");
    let effect = if punches { Empty } else { Write(Edit) };
    walker.effect(effect, &cut.operands, call.name, &call.span);
    Feed::Text(String::new())
}

fn dd(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let keeps = cut
        .operands
        .iter()
        .any(|field| field.text().contains("notrunc"));
    for operand in &cut.operands {
        let Some(name) = operand.text().strip_prefix("of=") else {
            continue;
        };
        let word = match &operand.word {
            crate::policy::Word::Literal(_) => crate::policy::Word::Literal(name.to_owned()),
            other => other.clone(),
        };
        let field = Field {
            word,
            span: operand.span.clone(),
            guess: None,
            shape: None,
        };
        let is_file = field
            .known()
            .is_some_and(|name| match walker.presence(name) {
                Presence::File => true,
                Presence::Unknown
                | Presence::Absent
                | Presence::EmptyFile
                | Presence::Directory
                | Presence::Other => false,
            });
        let effect = match (is_file, keeps) {
            (true, false) => Empty,
            (true, true) => Write(Edit),
            (false, _) => Write(Overwrite),
        };
        walker.effect(effect, &[&field], call.name, &field.span);
    }
    Feed::Unknown
}

fn tee(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let effect = if cut.has("-a --append") {
        Write(Append)
    } else if call.feed.text() == Some("") {
        Empty
    } else {
        Write(Overwrite)
    };
    walker.effect(effect, &cut.operands, call.name, &call.span);
    for operand in &cut.operands {
        let append = cut.has("-a --append");
        let path = operand.known().and_then(|name| walker.absolute(name));
        let kept = path.map(|path| crate::bash::Kept { path, append });
        walker.keep(kept, &call.feed);
    }
    call.feed.clone()
}

fn split(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    if let Some(line) = cut.find("--filter").and_then(|flag| flag.value.clone()) {
        walker.line_of(&line, call);
        return Feed::Unknown;
    }
    let prefix = match cut.find("-f --prefix").and_then(|flag| flag.value.clone()) {
        Some(prefix) => Some(prefix),
        None => cut.operands.get(1).map(|field| (*field).clone()),
    };
    if let Some(prefix) = prefix {
        walker.effect(Create(File), &[&prefix], call.name, &prefix.span);
    }
    Feed::Text(String::new())
}

fn chmod(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    // A mode may look like a flag: `chmod -w f`.
    let minus = call
        .args
        .iter()
        .find(|field| is_mode(field.text()) && field.text().starts_with('-'));
    let (mode, operands) = match (minus, cut.has("--reference")) {
        (Some(mode), _) => (mode.text(), cut.operands.as_slice()),
        (None, true) => ("", cut.operands.as_slice()),
        (None, false) => match cut.operands.split_first() {
            Some((mode, rest)) => (mode.text(), rest),
            None => ("", cut.operands.as_slice()),
        },
    };
    let change = if is_harsh(mode) { HarshMode } else { Mode };
    walker.plain(call);
    attribute(walker, operands, change, cut.has("-R --recursive"));
    Feed::Text(String::new())
}

fn is_mode(text: &str) -> bool {
    let rest = text.trim_start_matches('-');
    !rest.is_empty() && rest.chars().all(|c| "rwxXst".contains(c)) && !rest.contains('R')
}

/// Whether a mode takes the owner's access away or opens files to all.
fn is_harsh(mode: &str) -> bool {
    if let Ok(bits) = u32::from_str_radix(mode, 8) {
        return bits & 0o400 == 0 || bits & 0o002 != 0;
    }
    mode.split(',').any(|clause| {
        let Some(at) = clause.find(['+', '-', '=']) else {
            return false;
        };
        let (who, rest) = clause.split_at(at);
        let all = who.is_empty() || who.contains('a');
        let (sign, what) = rest.split_at(1);
        match sign {
            "-" => (all || who.contains('u')) && what.contains('r'),
            "+" => (who.contains('a') || who.contains('o')) && what.contains('w'),
            _ => {
                ((all || who.contains('u')) && !what.contains(['r', 'u', 'g', 'o']))
                    || ((all || who.contains('o')) && what.contains('w'))
            }
        }
    })
}

fn chown(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let skip = usize::from(!cut.has("--reference"));
    let operands = cut.operands.get(skip..).unwrap_or_default();
    attribute(walker, operands, Owner, cut.has("-R --recursive"));
    Feed::Text(String::new())
}

fn setfacl(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    attribute(walker, &cut.operands, Xattr, cut.has("-R --recursive"));
    Feed::Text(String::new())
}

fn attributes(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let operands: Vec<&Field> = cut
        .operands
        .iter()
        .copied()
        .skip_while(|field| field.text().starts_with(['+', '-', '=']) || field.text().contains(':'))
        .collect();
    attribute(walker, &operands, Xattr, cut.has("-R --recursive"));
    Feed::Text(String::new())
}

fn attribute(walker: &mut Walker<'_>, operands: &[&Field], change: Change, is_tree: bool) {
    let entries = if is_tree {
        Entries::Tree
    } else {
        walker.entries(operands)
    };
    for operand in operands {
        let target = walker.target(operand, true);
        walker.emit(
            Action::Chmod {
                target,
                change,
                entries,
            },
            operand.span.clone(),
        );
    }
}

fn mount(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let looks = cut.operands.is_empty() && !cut.has("-a --all") || cut.has("-l --list -h");
    if looks {
        walker.looks(call);
        return Feed::Unknown;
    }
    walker.plain(call);
    let effect: Effect = Create(Mount);
    let last = cut.operands.last().copied();
    match last {
        Some(place) => walker.effect(effect, &[place], call.name, &place.span),
        None => walker.effect(effect, &[], call.name, &call.span),
    }
    Feed::Unknown
}
