//! Archivers and compressors.

use crate::bash::expand::Field;
use crate::bash::flags::{Cut, Style, cut};
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::*, Program, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Deletable::{Content, Path};
use crate::policy::WriteHow::{Edit, Overwrite};
use crate::policy::{Presence, Purpose};

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    special(&["tar", "gtar", "bsdtar", "star"], tar).harmless("--help --version --usage"),
    special(&["gzip", "gunzip", "pigz", "unpigz", "bzip2", "bunzip2", "pbzip2", "lbzip2", "xz", "unxz", "pixz", "lzma", "unlzma", "compress", "uncompress", "lzip", "lunzip", "plzip", "lzop"], compress).values("-S -b -p --suffix --blocksize --processes -T --threads -M --memlimit").harmless("--help --version -h -V -L --license -l --list -t --test"),
    special(&["zstd", "unzstd", "zstdmt", "lz4", "unlz4", "brotli", "zpaq", "lrzip"], compress_keeping).values("-o -T -D --output --threads --output-dir-flat").harmless("--help --version -h -V -l --list -t --test"),
    special(&["zip"], zip).values("-i -x -b -n -t -tt -P -s --exclude --include --password").harmless("--help --version -h -v -sf -T"),
    special(&["unzip", "bsdunzip"], unzip).values("-d -P -x").harmless("-l -v -t -Z -h --help -p"),
    special(&["7z", "7za", "7zr", "7zz", "p7zip"], seven_zip).words().harmless("--help -h"),
    plain(&["ar", "gcc-ar", "llvm-ar", "ranlib"]),
    plain(&["cpio", "pax", "unrar", "rar", "unar", "dtrx", "atool", "aunpack", "apack"]).flags(&[("--sdel -df", Delete(Path))]),
    special(&["unsquashfs"], unsquash).values("-d -dest"),
    special(&["mksquashfs", "gensquashfs"], make_image).words(),
    plain(&["mkisofs", "genisoimage", "xorriso"]).words().values("-o -V -outdev").flags(&[("-o -outdev", Write(Overwrite))]),
];

fn tar(walker: &mut Walker<'_>, call: &Call<'_>, _cut: &Cut<'_>) -> Feed {
    const VALUES: &str = "-f -C -T -X -I -b -g -H -K -L -N -V -F --file --directory --files-from --exclude-from --use-compress-program --exclude --transform --xform --strip-components --to-command --checkpoint-action --rsh-command --owner --group --mode --info-script --new-volume-script --listed-incremental --newer --format --one-top-level --suffix --backup --sort --mtime";
    // The first word may be a bundle of letters without a dash: `tar xzf a.tgz`.
    let mut args = call.args.to_vec();
    let is_bundle = args.first().is_some_and(|first| {
        first.known().is_some_and(|text| {
            !text.starts_with('-')
                && text.chars().any(|c| "cxtruAd".contains(c))
                && text.chars().all(|c| c.is_ascii_alphabetic())
        })
    });
    if is_bundle && let Some(first) = args.first().cloned() {
        let letters = first.text().to_owned();
        let mut rest: Vec<Field> = args.drain(1..).collect();
        let mut spread = Vec::new();
        for letter in letters.chars() {
            spread.push(Field::literal(&format!("-{letter}"), first.span.clone()));
            if "fCTXIbgHKLNVF".contains(letter) && !rest.is_empty() {
                spread.push(rest.remove(0));
            }
        }
        spread.extend(rest);
        args = spread;
    }
    let cut = cut(&args, VALUES, Style::Clusters);
    let lists = cut.has("-t --list -d --diff --compare");
    walker.exec(
        call.name,
        call.args,
        if lists {
            Purpose::ReadOnly
        } else {
            Purpose::Plain
        },
        call.span.clone(),
    );
    let mut lines = cut.values("--to-command --rsh-command --info-script --new-volume-script -F");
    for field in cut.values("--checkpoint-action") {
        if let Some(line) = field.known().and_then(|text| text.strip_prefix("exec=")) {
            lines.push(Field::literal(line, field.span.clone()));
        }
    }
    lines.extend(cut.values("-I --use-compress-program"));
    for line in &lines {
        walker.line_of(line, call);
    }
    let file = cut
        .find("-f --file")
        .and_then(|flag| flag.value.clone())
        .filter(|file| file.text() != "-");
    if cut.has("-c --create") {
        if let Some(file) = &file {
            walker.write(file, Overwrite);
        }
        if cut.has("--remove-files") {
            walker.effect(Delete(Path), &cut.operands, call.name, &call.span);
        }
    } else if cut.has("-r -u -A --append --update --catenate --concatenate") {
        if let Some(file) = &file {
            walker.write(file, Edit);
        }
        if cut.has("--remove-files") {
            walker.effect(Delete(Path), &cut.operands, call.name, &call.span);
        }
    } else if cut.has("--delete") {
        if let Some(file) = &file {
            walker.delete(file, Content);
        }
    } else if cut.has("-x --extract --get") {
        into_directory(walker, call, cut.values("-C --directory").last());
        if cut.has("--recursive-unlink") {
            walker.delete_named("tar --recursive-unlink", Path, call.span.clone());
        }
    }
    Feed::Unknown
}

/// Records that files come to be below a directory, or below the working one.
pub(crate) fn into_directory(walker: &mut Walker<'_>, call: &Call<'_>, directory: Option<&Field>) {
    let field = match directory {
        Some(field) => field.clone(),
        None => Field::literal(".", call.span.clone()),
    };
    walker.write(&field, Edit);
}

fn compress(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let keeps = cut.has("-k --keep -c --stdout --to-stdout")
        || cut.operands.is_empty()
        || cut.operands.iter().all(|field| field.text() == "-");
    walker.plain(call);
    if keeps {
        return Feed::Unknown;
    }
    for operand in &cut.operands {
        walker.delete(operand, Path);
    }
    Feed::Unknown
}

fn compress_keeping(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    for file in cut.values("-o --output") {
        walker.write(&file, Overwrite);
    }
    if cut.has("--rm -j --rm") && call.name != "lz4" || cut.has("--rm") {
        walker.effect(Delete(Path), &cut.operands, call.name, &call.span);
    }
    Feed::Unknown
}

fn zip(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let Some((archive, files)) = cut.operands.split_first() else {
        return Feed::Unknown;
    };
    if cut.has("-d --delete") {
        walker.delete(archive, Content);
        return Feed::Unknown;
    }
    if archive.text() != "-" {
        walker.write(archive, Edit);
    }
    if cut.has("-m --move") {
        walker.effect(Delete(Path), files, call.name, &call.span);
    }
    Feed::Unknown
}

fn unzip(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    into_directory(walker, call, cut.values("-d").last());
    Feed::Unknown
}

/// `mksquashfs SOURCES IMAGE -FLAGS`.
fn make_image(walker: &mut Walker<'_>, call: &Call<'_>, _cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let words: Vec<&Field> = call
        .args
        .iter()
        .take_while(|field| !field.text().starts_with('-'))
        .collect();
    if let [_, .., image] = words.as_slice() {
        walker.write(image, Overwrite);
    }
    Feed::Unknown
}

fn unsquash(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    into_directory(walker, call, cut.values("-d -dest").last());
    Feed::Unknown
}

fn seven_zip(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let Some((verb, rest)) = cut.operands.split_first() else {
        walker.looks(call);
        return Feed::Unknown;
    };
    match verb.text() {
        "l" | "t" | "i" | "b" | "h" => walker.looks(call),
        "d" => {
            walker.plain(call);
            if let Some(archive) = rest.first() {
                walker.delete(archive, Content);
            }
        }
        "x" | "e" => {
            walker.plain(call);
            let directory = cut.flags.iter().find_map(|flag| {
                let name = flag
                    .name
                    .strip_prefix("-o")
                    .filter(|name| !name.is_empty())?;
                Some(Field::literal(name, flag.field.span.clone()))
            });
            into_directory(walker, call, directory.as_ref());
        }
        _ => {
            walker.plain(call);
            if let Some((archive, files)) = rest.split_first() {
                let is_new = archive
                    .known()
                    .is_some_and(|name| walker.presence(name) == Presence::Absent);
                walker.effect(
                    Write(if is_new { Overwrite } else { Edit }),
                    &[archive],
                    call.name,
                    &call.span,
                );
                if cut.has("-sdel") {
                    walker.effect(Delete(Path), files, call.name, &call.span);
                }
            }
        }
    }
    Feed::Unknown
}
