# Five verbs; `tests/run` and `.ci/run` do the same things without `just`.

target := "x86_64-unknown-linux-gnu"

# Formatting, lints, licences
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo deny check licenses

# Every test, the guard's with the real kernel among them
test *FILTER:
    cargo nextest run {{FILTER}}

# The guard's tests only
guard-test:
    cargo nextest run -E 'test(/^guard::/)'

# Manual page and completions; fails when what is checked in is stale
docs:
    cargo build --release
    mkdir -p completions docs/man
    target/release/hlrp-sh man > docs/man/hlrp-sh.1
    for shell in bash zsh fish; do target/release/hlrp-sh completions $shell > completions/hlrp-sh.$shell; done
    git diff --exit-code -- docs/man completions

# What the guard costs; the binary as it is shipped, static
bench *OPTIONS:
    RUSTFLAGS='-C target-feature=+crt-static' cargo build --release --target {{target}}
    benches/overhead.py --binary target/{{target}}/release/hlrp-sh {{OPTIONS}}
