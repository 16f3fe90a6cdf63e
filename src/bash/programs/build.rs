//! Compilers and build tools. Their own clean verbs delete.

use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect::*, Program, plain, special};
use crate::bash::walk::Walker;
use crate::policy::Deletable::Product;
use crate::policy::Node::Directory;
use crate::policy::Purpose;
use crate::policy::WriteHow::Overwrite;

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    plain(&["gcc", "g++", "cc", "c++", "clang", "clang++", "nvcc", "hipcc", "icc", "icpc", "icx", "ifort", "gfortran", "mpicc", "mpicxx", "mpif90", "rustc", "tcc", "zig", "as", "ld", "lld", "gold", "nasm", "protoc", "swig", "cython", "flex", "bison", "ghc", "ocamlc", "javac", "tsc", "esbuild", "swc", "strip", "objcopy", "ptxas"]).words().values("-o -I -L -l -D -isystem -include -x -arch --out-dir -MF -MT -MQ").flags(&[("-o", Write(Overwrite)), ("-MF", Write(Overwrite)), ("--out-dir", Create(Directory))]),
    special(&["make", "gmake", "bmake", "remake"], make).values("-C -f -I -o -W --directory --file --makefile --include-dir --old-file --what-if --eval").harmless("--help --version -n --dry-run --just-print --recon -q --question -v -h -p"),
    special(&["just"], just).values("-f -d --justfile --working-directory --set --shell --dotenv-path").harmless("--help --version -n --dry-run -l --list --show --summary --evaluate --dump -V --choose --fmt"),
    special(&["ninja", "samu"], ninja).values("-C -f -j -k -l -t -d -w").harmless("-n --version --help -h"),
    special(&["cmake"], cmake).values("-S -B -D -G -T -A -P -C -U -t --build --target --install --prefix --config -j --parallel --preset --component -E").words().harmless("--help --version -version --help-full -N"),
    plain(&["meson", "muon"]).verbs(&[("compile --clean", Delete(Product)), ("setup --wipe", Delete(Product)), ("subprojects purge", Delete(Product)), ("introspect", Is(Purpose::ReadOnly))]).flags(&[("--wipe --clean", Delete(Product))]).values("-C"),
    plain(&["cargo", "cross"]).values("-p --package --manifest-path --root --target --target-dir --features --bin --example -j --jobs --color --config -Z -C").harmless("--help --version -V -n --dry-run -h --list").flags(&[("--target-dir --root", Create(Directory))]).verbs(&[("clean", Delete(Product)), ("uninstall", Delete(Product)), ("cache", Delete(Product)), ("sweep", Delete(Product)), ("remove", Nothing), ("tree", Is(Purpose::ReadOnly)), ("metadata", Is(Purpose::ReadOnly)), ("search", Is(Purpose::ReadOnly)), ("fmt", Nothing), ("yank", Delete(crate::policy::Deletable::Service))]),
    plain(&["rustup"]).verbs(&[("self uninstall", Delete(Product)), ("toolchain uninstall", Delete(Product)), ("toolchain remove", Delete(Product)), ("target remove", Delete(Product)), ("component remove", Delete(Product)), ("uninstall", Delete(Product)), ("show", Is(Purpose::ReadOnly))]).harmless("--help --version -h -V"),
    plain(&["go"]).verbs(&[("clean", Delete(Product)), ("env", Nothing), ("list", Is(Purpose::ReadOnly)), ("version", Is(Purpose::ReadOnly)), ("doc", Is(Purpose::ReadOnly)), ("vet", Is(Purpose::ReadOnly))]).words().values("-o").flags(&[("-o", Write(Overwrite))]).harmless("--help -h -n help"),
    plain(&["mvn", "mvnw", "mvnd"]).verbs(&[("clean", Delete(Product))]).words().values("-f -pl -P"),
    plain(&["gradle", "gradlew"]).verbs(&[("clean", Delete(Product))]).words().values("-p -b").harmless("--help --version -m --dry-run"),
    plain(&["bazel", "bazelisk", "buck", "buck2", "pants"]).verbs(&[("clean", Delete(Product)), ("query", Is(Purpose::ReadOnly)), ("info", Is(Purpose::ReadOnly))]),
    plain(&["ant", "sbt", "lein", "dotnet", "msbuild", "xcodebuild", "flutter", "dart", "stack", "cabal", "dune", "rebar3", "mix", "swiftpm", "scons", "waf", "rake", "xmake", "premake", "bjam", "tup", "redo", "colcon", "catkin", "catkin_make", "platformio", "pio", "idf.py", "west", "grunt", "gulp", "earthly", "nx", "turbo", "lerna"]).verbs(&[("clean", Delete(Product)), ("purge", Delete(Product)), ("prune", Delete(Product)), ("distclean", Delete(Product)), ("deps.clean", Delete(Product)), ("nuget locals all --clear", Delete(Product)), ("reset", Delete(Product)), ("fullclean", Delete(Product)), ("run --target clean", Delete(Product))]).flags(&[("-c --clean", Delete(Product))]),
    plain(&["ccache", "sccache"]).flags(&[("-C --clear -c --cleanup --evict-older-than --evict-namespace", Delete(Product))]).harmless("-s --show-stats -p --show-config --help --version -h -V"),
    plain(&["autoreconf", "automake", "autoconf", "libtool", "configure", "aclocal", "autoheader", "pkg-config", "doxygen", "ctags", "cscope", "gdbus-codegen"]),
    special(&["invoke", "inv", "fab", "task", "doit", "tox", "nox", "snakemake", "nextflow"], tasks).values("-e -s -f -c -j -t --cores --jobs --snakefile --file --taskfile"),
    plain(&["pytest", "py.test", "ctest", "unittest", "jest", "vitest", "mocha", "rspec", "phpunit", "bats", "nose2", "stestr"]).values("-k -m -p -n -c -o --basetemp --rootdir --junitxml --cov --cov-report").flags(&[("--cache-clear", Delete(Product)), ("--basetemp", Create(Directory)), ("--junitxml", Write(Overwrite))]).verbs(&[("erase", Delete(Product))]).harmless("--help --version -h --collect-only --co --markers --fixtures"),
];

/// Targets that delete by their name.
const CLEAN: &[&str] = &[
    "clean",
    "distclean",
    "mrproper",
    "maintainer-clean",
    "realclean",
    "clobber",
    "mostlyclean",
    "cleanall",
    "clean-all",
    "purge",
    "veryclean",
    "uninstall",
    "nuke",
    "wipe",
    "reset-db",
    "prune",
];

fn is_clean(target: &str) -> bool {
    CLEAN.contains(&target)
        || target.starts_with("clean-")
        || target.starts_with("clean_")
        || target.ends_with("-clean")
        || target.ends_with("/clean")
        || target.ends_with("_clean")
}

fn make(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let mut targets = Vec::new();
    for operand in &cut.operands {
        match operand.text().split_once('=') {
            Some(("SHELL" | ".SHELLFLAGS", value)) => {
                let value = value.to_owned();
                walker.follow(&value, "make SHELL", operand.span.clone(), Feed::Unknown);
            }
            Some(_) => {}
            // `-j 4`: its number may stand apart.
            None if operand.text().chars().all(|c| c.is_ascii_digit()) => {}
            None => targets.push(*operand),
        }
    }
    let named: Vec<String> = targets
        .iter()
        .map(|field| field.text().to_owned())
        .collect();
    for rules in cut.values("--eval") {
        match rules.known() {
            Some(text) => {
                let text = text.to_owned();
                walker.made_lines(&text, &named, "make --eval", &rules);
            }
            None => {
                let text = format!("make --eval {}", rules.text());
                walker.unknown(&text, &[], rules.span.clone());
            }
        }
    }
    if named.iter().any(|name| name.starts_with("install")) {
        for operand in &cut.operands {
            if let Some(("DESTDIR" | "PREFIX" | "prefix" | "INSTALL_ROOT", place)) =
                operand.known().and_then(|text| text.split_once('='))
            {
                let field = Field::literal(place, operand.span.clone());
                walker.effect(Create(Directory), &[&field], call.name, &operand.span);
            }
        }
    }
    clean_targets(walker, &targets);
    let cwd = walker.scope.cwd.clone();
    if let Some(directory) = cut
        .find("-C --directory")
        .and_then(|flag| flag.value.clone())
    {
        walker.scope.cwd = directory.known().and_then(|text| walker.absolute(text));
    }
    if let Some(file) = cut
        .find("-f --file --makefile")
        .and_then(|flag| flag.value.clone())
        && (crate::bash::shells::is_input(file.text()) || file.text() == "<(…)")
    {
        let text = match &file.guess {
            Some(text) => Some(text.clone()),
            None => call.feed.text().map(str::to_owned),
        };
        match text {
            Some(text) => walker.made_lines(&text, &named, "make -f -", &file),
            None => walker.unknown("make -f -", &[], file.span.clone()),
        }
        walker.scope.cwd = cwd;
        return Feed::Unknown;
    }
    let names: Vec<String> = match cut.value("-f --file --makefile") {
        Some(name) => vec![name.to_owned()],
        None => ["GNUmakefile", "makefile", "Makefile"]
            .map(str::to_owned)
            .to_vec(),
    };
    let found = names.iter().find_map(|name| {
        let path = walker.absolute(name)?;
        walker.text_of(&path).map(|text| (name.clone(), text))
    });
    if let Some((name, text)) = found {
        for line in super::recipes::make(&text, &named) {
            walker.recipe(&line, &name, call.span.clone());
        }
    }
    walker.scope.cwd = cwd;
    Feed::Unknown
}

impl Walker<'_> {
    /// Walks the recipes of rules that stand on the line itself.
    fn made_lines(&mut self, rules: &str, targets: &[String], label: &str, field: &Field) {
        for line in super::recipes::make(rules, targets) {
            self.follow(&line, label, field.span.clone(), Feed::Inherited);
        }
    }
}

fn just(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    let targets: Vec<&Field> = cut
        .operands
        .iter()
        .copied()
        .filter(|field| !field.text().contains('='))
        .collect();
    clean_targets(walker, &targets);
    let names: Vec<String> = match cut.value("-f --justfile") {
        Some(name) => vec![name.to_owned()],
        None => ["justfile", "Justfile", ".justfile"]
            .map(str::to_owned)
            .to_vec(),
    };
    let found = names.iter().find_map(|name| {
        let path = walker.absolute(name)?;
        walker.text_of(&path).map(|text| (name.clone(), text))
    });
    if let Some((name, text)) = found {
        let targets: Vec<String> = targets
            .iter()
            .map(|field| field.text().to_owned())
            .collect();
        for line in super::recipes::just(&text, &targets) {
            walker.recipe(&line, &name, call.span.clone());
        }
    }
    Feed::Unknown
}

fn clean_targets(walker: &mut Walker<'_>, targets: &[&Field]) {
    for target in targets {
        if is_clean(target.text()) {
            walker.delete(target, Product);
        }
    }
}

fn tasks(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    clean_targets(walker, &cut.operands);
    if call.name == "snakemake" && cut.has("--delete-all-output --delete-temp-output") {
        walker.delete_named("snakemake --delete-all-output", Product, call.span.clone());
    }
    Feed::Unknown
}

fn ninja(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    walker.plain(call);
    if let Some(tool) = cut.find("-t").and_then(|flag| flag.value.clone())
        && matches!(tool.text(), "clean" | "cleandead")
    {
        walker.delete(&tool, Product);
    }
    clean_targets(walker, &cut.operands);
    Feed::Unknown
}

fn cmake(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    if let Some(tool) = cut.find("-E").and_then(|flag| flag.value.clone()) {
        return cmake_tool(walker, call, tool.text(), &cut.operands);
    }
    walker.plain(call);
    for target in cut.values("--target -t") {
        if is_clean(target.text()) {
            walker.delete(&target, Product);
        }
    }
    for directory in cut.values("-B --prefix --install-prefix") {
        walker.effect(Create(Directory), &[&directory], "cmake", &directory.span);
    }
    if cut.has("--clean-first --fresh") {
        walker.delete_named("cmake --clean-first", Product, call.span.clone());
    }
    Feed::Unknown
}

/// `cmake -E rm FILES` and its like.
fn cmake_tool(walker: &mut Walker<'_>, call: &Call<'_>, tool: &str, operands: &[&Field]) -> Feed {
    let program = match tool {
        "rm" | "remove" | "remove_directory" => "rm",
        "copy" | "copy_directory" | "copy_if_different" => "cp",
        "rename" => "mv",
        "make_directory" => "mkdir",
        "touch" => "touch",
        "create_symlink" | "create_hardlink" => "ln",
        "env" => "env",
        "time" => "time",
        "chdir" => "timeout",
        _ => {
            walker.plain(call);
            return Feed::Unknown;
        }
    };
    walker.looks(call);
    let fields: Vec<Field> = operands.iter().map(|field| (*field).clone()).collect();
    walker.program_named(program, &fields, Feed::Inherited, call.span.clone())
}
