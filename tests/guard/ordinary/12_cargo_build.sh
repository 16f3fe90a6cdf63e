#!/bin/bash
# what: cargo new, build, test and run of a tiny crate
# needs: cargo
# ignore: c/target

set -u
export CARGO_HOME="$TMPDIR/cargo" CARGO_TERM_COLOR=never
cargo new -q --vcs none --name c c 2>/dev/null; cd c
printf 'pub fn f() -> u32 { 42 }\nfn main() { println!("{}", f()); }\n#[test]\nfn t() { assert_eq!(f(), 42); }\n' > src/main.rs
cargo build -q --offline && cargo run -q --offline && cargo test -q --offline 2>&1 | grep -c 'test result: ok'
sed -i 's/42/43/' src/main.rs; cargo run -q --offline
