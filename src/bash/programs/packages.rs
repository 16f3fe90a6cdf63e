//! Package managers and environments. Install and upgrade are ordinary work; uninstall,
//! prune, purge and cache verbs delete.

use crate::bash::expand::Field;
use crate::bash::flags::Cut;
use crate::bash::flags::{Style, cut as cut_again};
use crate::bash::frame::Feed;
use crate::bash::program::{Call, Effect, Effect::*, Program, each, plain, special, verb};
use crate::bash::walk::Walker;
use crate::bash::wrapper;
use crate::policy::Deletable::{Path, Product};
use crate::policy::Node::Directory;
use crate::policy::Purpose::{self, ReadOnly};
use crate::policy::WriteHow::{Append, Edit};

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    plain(&["pip", "pip3"]).values("-r -c -e -i -t -d -f -w --index-url --extra-index-url --target --prefix --root --src --dest --wheel-dir --cache-dir --find-links --python --log").flags(&[("-t --target --prefix --root --src -d --dest -w --wheel-dir --cache-dir", Create(Directory)), ("--log", Write(Append))]).harmless("--help --version -h -V --dry-run").verbs(&[("uninstall", Delete(Product)), ("cache purge", Delete(Product)), ("cache remove", Delete(Product)), ("list", Is(ReadOnly)), ("show", Is(ReadOnly)), ("freeze", Is(ReadOnly)), ("check", Is(ReadOnly)), ("index", Is(ReadOnly)), ("cache list", Is(ReadOnly)), ("cache info", Is(ReadOnly)), ("cache dir", Is(ReadOnly)), ("debug", Is(ReadOnly)), ("config list", Is(ReadOnly))]),
    plain(&["npm", "cnpm"]).values("-w -C --prefix --registry --workspace --pack-destination --cache").flags(&[("--prefix -C --pack-destination --cache", Create(Directory))]).harmless("--help --version -v -h --dry-run -l").verbs(&[("ci", Delete(Product)), ("clean-install", Delete(Product)), ("install-clean", Delete(Product)), ("prune", Delete(Product)), ("uninstall", Delete(Product)), ("un", Delete(Product)), ("rm", Delete(Product)), ("r", Delete(Product)), ("remove", Delete(Product)), ("unlink", Delete(Product)), ("cache clean", Delete(Product)), ("cache rm", Delete(Product)), ("unpublish", Delete(crate::policy::Deletable::Service)), ("dedupe", Nothing), ("ls", Is(ReadOnly)), ("list", Is(ReadOnly)), ("view", Is(ReadOnly)), ("outdated", Is(ReadOnly)), ("audit", Nothing), ("run clean", Delete(Product)), ("run-script clean", Delete(Product)), ("exec", Run), ("x", Run)]),
    plain(&["yarn", "pnpm", "corepack", "volta", "nvm", "fnm", "n", "bower", "jspm"]).values("-C -F --dir --filter --cwd").harmless("--help --version -v -h --dry-run").verbs(&[("remove", Delete(Product)), ("rm", Delete(Product)), ("uninstall", Delete(Product)), ("un", Delete(Product)), ("unlink", Delete(Product)), ("prune", Delete(Product)), ("cache clean", Delete(Product)), ("cache delete", Delete(Product)), ("store prune", Delete(Product)), ("autoclean", Delete(Product)), ("env remove", Delete(Product)), ("clean", Delete(Product)), ("run clean", Delete(Product)), ("exec", Run), ("dlx", Run), ("list", Is(ReadOnly)), ("ls", Is(ReadOnly)), ("why", Is(ReadOnly))]),
    plain(&["apt", "apt-get", "aptitude", "nala", "dnf", "yum", "microdnf", "zypper", "apk", "snap", "flatpak", "brew", "port", "guix", "nix", "eopkg", "swupd", "pkg", "opkg", "choco", "scoop", "winget", "spack", "easybuild", "eb", "asdf", "mise", "sdk", "ghcup", "vcpkg", "conan", "luarocks", "cpan", "cpanm", "gem", "opam", "juliaup", "pyenv", "rbenv", "plenv", "tlmgr"]).values("-c -o -t -n --root").harmless("--help --version -s --simulate --dry-run --just-print --no-act --recon -h").verbs(&[("remove", Delete(Product)), ("purge", Delete(Product)), ("autoremove", Delete(Product)), ("autopurge", Delete(Product)), ("clean", Delete(Product)), ("autoclean", Delete(Product)), ("uninstall", Delete(Product)), ("erase", Delete(Product)), ("del", Delete(Product)), ("rm", Delete(Product)), ("cleanup", Delete(Product)), ("prune", Delete(Product)), ("gc", Delete(Product)), ("collect-garbage", Delete(Product)), ("store gc", Delete(Product)), ("store delete", Delete(Product)), ("profile remove", Delete(Product)), ("implode", Delete(Product)), ("cache clean", Delete(Product)), ("cache clear", Delete(Product)), ("zap", Delete(Product)), ("delete", Delete(Product)), ("reset", Delete(Product)), ("switch remove", Delete(Product)), ("env remove", Delete(Product)), ("env rm", Delete(Product)), ("virtualenv-delete", Delete(Product)), ("package -r", Delete(Product)), ("exec", Run), ("x", Run), ("run", Run), ("shell", Run), ("develop", Run), ("environment", Run), ("build-env", Run), ("deconcretize", Nothing), ("unmerge", Delete(Product)), ("list", Is(ReadOnly)), ("show", Is(ReadOnly)), ("search", Is(ReadOnly)), ("info", Is(ReadOnly)), ("policy", Is(ReadOnly)), ("find", Is(ReadOnly)), ("leaves", Is(ReadOnly)), ("deps", Is(ReadOnly)), ("depends", Is(ReadOnly)), ("rdepends", Is(ReadOnly)), ("check-update", Is(ReadOnly)), ("versions", Is(ReadOnly)), ("outdated", Is(ReadOnly)), ("doctor", Is(ReadOnly))]).flags(&[("--purge --remove --erase --uninstall --delete --zap", Delete(Product))]),
    plain(&["dpkg"]).harmless("--help --version --simulate --dry-run --no-act -l -L -s -S --list --listfiles --status --search --get-selections --print-architecture --compare-versions").flags(&[("-r -P --remove --purge", Delete(Product))]),
    plain(&["rpm"]).harmless("--help --version --test -q --query -V --verify").flags(&[("-e --erase", Delete(Product))]),
    plain(&["dpkg-deb"]),
    plain(&["emerge"]).harmless("--help --version -p --pretend -s --search").flags(&[("-C --unmerge -c --depclean -P --prune", Delete(Product))]),
    plain(&["nix-env"]).harmless("--help --version --dry-run -q --query").flags(&[("-e --uninstall --delete-generations", Delete(Product))]),
    plain(&["nix-store"]).harmless("--help --version --dry-run -q --query").flags(&[("--gc --delete", Delete(Product))]),
    each(&["nix-collect-garbage", "xbps-remove", "pkg_delete", "py3clean", "pyclean", "pip-autoremove", "apt-autoremove", "conda-clean", "npkill", "kondo", "cargo-sweep", "cargo-cache", "docker-clean", "cleanpy", "rmtrash", "bleachbit"], Delete(Product)).harmless("--help --version --dry-run -n -l --list -L --leaves -p --preview"),
    special(&["pacman", "yay", "paru", "pamac"], pacman),
    plain(&["apt-mark", "apt-cache", "dpkg-query", "apt-file", "apt-key", "add-apt-repository", "update-alternatives", "alternatives"]).flags(&[("--remove --remove-all", Delete(Product))]),
    plain(&["dvc"]).values("-C --cd -r --remote -o --out").flags(&[("-o --out", Create(Directory))]).harmless("--help --version -h --dry --dry-run").verbs(&[("gc", Delete(Product)), ("remove", Delete(Product)), ("destroy", Delete(Product)), ("exp remove", Delete(Product)), ("exp gc", Delete(Product)), ("cache dir", Nothing), ("status", Is(ReadOnly)), ("diff", Is(ReadOnly)), ("list", Is(ReadOnly)), ("ls", Is(ReadOnly)), ("checkout -f", Delete(Path))]),
    special(&["wandb"], wandb).values("-p -e -e --project --entity --id"),
    special(&["huggingface-cli", "hf", "huggingface"], hugging_face).values("--repo-type --revision --token --local-dir --cache-dir --include --exclude"),
    plain(&["kaggle"]).values("-p --path -f -d -c --file").harmless("--help --version -h").flags(&[("-p --path", Create(Directory))]).verbs(&[("datasets delete", Delete(crate::policy::Deletable::Service)), ("kernels delete", Delete(crate::policy::Deletable::Service))]),
    plain(&["gdown"]).values("-O --output").flags(&[("-O --output", Write(Edit))]),
    plain(&["clearml", "mlflow", "aim", "comet", "neptune", "tensorboard-dev", "modelscope", "ollama", "lm-eval"]).harmless("--help --version -h").verbs(&[("gc", Delete(Product)), ("rm", Delete(Product)), ("delete", Delete(Product)), ("experiments delete", Delete(Product)), ("runs delete", Delete(Product)), ("runs rm", Delete(Product)), ("storage cleanup", Delete(Product)), ("storage prune", Delete(Product)), ("clean", Delete(Product)), ("remove", Delete(Product)), ("server", Is(Purpose::Serve)), ("ui", Is(Purpose::Serve)), ("up", Is(Purpose::Serve)), ("serve", Is(Purpose::Serve)), ("list", Is(ReadOnly)), ("ls", Is(ReadOnly)), ("show", Is(ReadOnly)), ("ps", Is(ReadOnly))]),
    each(&["virtualenv", "venv", "pyvenv"], Create(Directory)).values("-p --python --prompt").flags(&[("--clear", Delete(Product))]),
    plain(&["pip-compile", "pip-sync", "twine", "flit", "setuptools", "easy_install", "conda-build", "conda-lock", "conda-pack", "conda-env"]).values("-p --python -n --name").flags(&[("--clear", Delete(Product))]).verbs(&[("remove", Delete(Product)), ("list", Is(ReadOnly))]),
    plain(&["npm-check", "depcheck", "pip-audit", "pipdeptree", "pip-review", "safety"]),
];

const CONDA: &[(&str, Effect)] = &[
    ("remove", Delete(Product)),
    ("uninstall", Delete(Product)),
    ("clean", Delete(Product)),
    ("env remove", Delete(Product)),
    ("self-update", Nothing),
    ("deactivate", Is(ReadOnly)),
    ("list", Is(ReadOnly)),
    ("info", Is(ReadOnly)),
    ("search", Is(ReadOnly)),
    ("env list", Is(ReadOnly)),
    ("config --show", Is(ReadOnly)),
    ("activate", Is(ReadOnly)),
    ("repoquery", Is(ReadOnly)),
    ("env export", Is(ReadOnly)),
    ("export", Is(ReadOnly)),
    ("doctor", Is(ReadOnly)),
    ("compare", Is(ReadOnly)),
    ("self remove", Delete(Product)),
];

pub(crate) fn conda(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    if cut.operand(0) == Some("run") {
        return wrapper::runs_after_verb(walker, call, "-n -p --name --prefix --cwd");
    }
    let all = cut_again(
        call.args,
        "-n -p -c -f -r --name --prefix --channel --file --root-prefix --clone",
        Style::Clusters,
    );
    if matches!(cut.operand(0), Some("create" | "install" | "env")) {
        for directory in all.values("-p --prefix") {
            walker.effect(Create(Directory), &[&directory], call.name, &directory.span);
        }
    }
    let exports = cut.operand(0) == Some("export")
        || (cut.operand(0) == Some("env") && cut.operand(1) == Some("export"));
    for file in all.values("-f --file").iter().filter(|_| exports) {
        walker.effect(Write(Edit), &[file], call.name, &file.span);
    }
    by_verbs(walker, call, cut, CONDA)
}

const UV: &[(&str, Effect)] = &[
    ("pip uninstall", Delete(Product)),
    ("cache clean", Delete(Product)),
    ("cache prune", Delete(Product)),
    ("tool uninstall", Delete(Product)),
    ("python uninstall", Delete(Product)),
    ("remove", Delete(Product)),
    ("clean", Delete(Product)),
    ("pip list", Is(ReadOnly)),
    ("pip show", Is(ReadOnly)),
    ("pip freeze", Is(ReadOnly)),
    ("pip tree", Is(ReadOnly)),
    ("pip check", Is(ReadOnly)),
    ("tree", Is(ReadOnly)),
    ("cache dir", Is(ReadOnly)),
    ("tool list", Is(ReadOnly)),
    ("python list", Is(ReadOnly)),
    ("version", Is(ReadOnly)),
    ("help", Is(ReadOnly)),
];

pub(crate) fn uv(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    match cut.operand(0) {
        Some("run") => wrapper::runs_after_verb(
            walker,
            call,
            "-p -m --python --with --directory --project --extra --group --env-file --with-requirements --with-editable --index-url",
        ),
        Some("tool") if cut.operand(1) == Some("run") => {
            wrapper::runs_after_verb(walker, call, "-p --python --with --from")
        }
        Some("venv") if call.args.iter().any(|field| field.text() == "--clear") => {
            walker.plain(call);
            walker.delete_named("uv venv --clear", Product, call.span.clone());
            Feed::Unknown
        }
        first => {
            let all = cut_again(
                call.args,
                "-p -t -o --python --target --prefix --output-file --out-dir --cache-dir --install-dir",
                Style::Clusters,
            );
            for directory in all.values("-t --target --prefix --out-dir --cache-dir --install-dir")
            {
                walker.effect(Create(Directory), &[&directory], call.name, &directory.span);
            }
            if matches!(first, Some("venv" | "init"))
                && let Some(directory) = all.operands.get(1)
            {
                walker.effect(Create(Directory), &[directory], call.name, &directory.span);
            }
            by_verbs(walker, call, cut, UV)
        }
    }
}

const ENVIRONMENTS: &[(&str, Effect)] = &[
    ("remove", Delete(Product)),
    ("rm", Delete(Product)),
    ("workspace environment remove", Delete(Product)),
    ("cache clear", Delete(Product)),
    ("env remove", Delete(Product)),
    ("env prune", Delete(Product)),
    ("uninstall", Delete(Product)),
    ("clean", Delete(Product)),
    ("cache clean", Delete(Product)),
    ("venv remove", Delete(Product)),
    ("venv purge", Delete(Product)),
    ("self uninstall", Delete(Product)),
    ("global uninstall", Delete(Product)),
    ("global remove", Delete(Product)),
    ("show", Is(ReadOnly)),
    ("list", Is(ReadOnly)),
    ("info", Is(ReadOnly)),
    ("env list", Is(ReadOnly)),
    ("env info", Is(ReadOnly)),
    ("check", Is(ReadOnly)),
    ("graph", Is(ReadOnly)),
    ("tree", Is(ReadOnly)),
];

/// `poetry run`, `pipenv run`, `hatch run`, `pixi run`, `bundle exec`.
pub(crate) fn environment(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    if call.name == "pipenv" && cut.has("--rm --clear") {
        walker.plain(call);
        walker.delete_named("pipenv --rm", Product, call.span.clone());
        return Feed::Unknown;
    }
    if cut.operand(0) == Some("run") {
        return wrapper::runs_after_verb(walker, call, "-e --environment --manifest-path --env");
    }
    if cut.operand(0) == Some("exec") {
        walker.looks(call);
        let fields: Vec<Field> = cut
            .operands
            .iter()
            .skip(1)
            .map(|field| (*field).clone())
            .collect();
        return wrapper::inside(walker, call, |walker| {
            walker.invoke(&fields, Feed::Inherited, call.span.clone())
        });
    }
    by_verbs(walker, call, cut, ENVIRONMENTS)
}

/// Applies a list of verbs, as the table does.
pub(crate) fn by_verbs(
    walker: &mut Walker<'_>,
    call: &Call<'_>,
    cut: &Cut<'_>,
    verbs: &[(&'static str, Effect)],
) -> Feed {
    let looks = call
        .args
        .iter()
        .any(|field| matches!(field.text(), "--help" | "-h" | "--dry-run" | "--version"));
    let found = verb(verbs, cut);
    match found {
        _ if looks => walker.looks(call),
        Some((Is(purpose), _)) => walker.exec(call.name, call.args, purpose, call.span.clone()),
        Some((effect, length)) => {
            walker.plain(call);
            let words: Vec<&Field> = cut.operands.iter().take(length).copied().collect();
            let name: Vec<&str> = words.iter().map(|field| field.text()).collect();
            let rest: Vec<&Field> = cut
                .operands
                .iter()
                .skip(length)
                .copied()
                .filter(|field| !field.text().starts_with('-'))
                .collect();
            walker.effect(
                effect,
                &rest,
                &format!("{} {}", call.name, name.join(" ")),
                &call.span,
            );
        }
        None => walker.plain(call),
    }
    Feed::Unknown
}

fn pacman(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    let removes = cut.has("-R --remove")
        || (cut.has("-S") && cut.has("-c"))
        || cut.operand(0) == Some("remove");
    if cut.has("-Q -F --query --help --version -p --print") || (cut.has("-S") && cut.has("-s -i")) {
        walker.looks(call);
    } else {
        walker.plain(call);
        if removes {
            walker.effect(Delete(Product), &cut.operands, "pacman -R", &call.span);
        }
    }
    Feed::Unknown
}

fn wandb(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    const VERBS: &[(&str, Effect)] = &[
        ("artifact cache cleanup", Delete(Product)),
        ("artifact rm", Delete(Product)),
        ("status", Is(ReadOnly)),
        ("artifact ls", Is(ReadOnly)),
        ("server start", Is(Purpose::Serve)),
        ("local", Is(Purpose::Serve)),
        ("launch", Nothing),
        ("agent", Train),
        ("launch-agent", Is(Purpose::Serve)),
    ];
    let cleans = cut.operand(0) == Some("sync")
        && call
            .args
            .iter()
            .any(|field| field.text().starts_with("--clean"));
    if cleans {
        walker.plain(call);
        walker.delete_named("wandb sync --clean", Product, call.span.clone());
        return Feed::Unknown;
    }
    by_verbs(walker, call, cut, VERBS)
}

fn hugging_face(walker: &mut Walker<'_>, call: &Call<'_>, cut: &Cut<'_>) -> Feed {
    const VERBS: &[(&str, Effect)] = &[
        ("delete-cache", Delete(Product)),
        ("cache delete", Delete(Product)),
        ("cache rm", Delete(Product)),
        ("cache prune", Delete(Product)),
        ("repo delete", Delete(crate::policy::Deletable::Service)),
        (
            "repo-files delete",
            Delete(crate::policy::Deletable::Service),
        ),
        ("repo tag delete", Delete(crate::policy::Deletable::Service)),
        (
            "repo branch delete",
            Delete(crate::policy::Deletable::Service),
        ),
        ("repos delete", Delete(crate::policy::Deletable::Service)),
        ("scan-cache", Is(ReadOnly)),
        ("cache scan", Is(ReadOnly)),
        ("cache ls", Is(ReadOnly)),
        ("whoami", Is(ReadOnly)),
        ("auth whoami", Is(ReadOnly)),
        ("env", Is(ReadOnly)),
        ("version", Is(ReadOnly)),
        ("jobs run", Is(Purpose::Delegate)),
    ];
    for directory in cut.values("--local-dir --cache-dir") {
        walker.effect(Create(Directory), &[&directory], call.name, &directory.span);
    }
    let drops_files = cut.operand(0) == Some("repo-files") && cut.operand(2) == Some("delete");
    let deletes_remote = drops_files
        || cut.operand(0) == Some("upload")
            && call
                .args
                .iter()
                .any(|field| field.text().starts_with("--delete"));
    if deletes_remote {
        walker.plain(call);
        walker.delete_named(
            "hf upload --delete",
            crate::policy::Deletable::Service,
            call.span.clone(),
        );
        return Feed::Unknown;
    }
    by_verbs(walker, call, cut, VERBS)
}
