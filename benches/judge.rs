//! How long a line takes: an ordinary one may take 50 µs, loading the law 300 µs.
#![allow(missing_docs, clippy::expect_used, reason = "a measurement")]

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{Criterion, criterion_group, criterion_main};
use hlrp_sh::bash::{Disk, analyse};
use hlrp_sh::gate::Gate;
use hlrp_sh::policy::{Context, GuardLevel, HostClass, Origin, Policy};

const ORDINARY: &str = "cd src && git status --short | grep -v '^??' | head -n 20 > /dev/null";
const LONG: &str = r#"set -euo pipefail
export WANDB_MODE=offline RUN="runs/laq_$(date +%m%d)"
mkdir -p "$RUN" logs
for seed in 1 2 3 4; do
  for lr in 1e-4 3e-4; do
    echo "seed $seed lr $lr" >> "$RUN/plan.txt"
    sbatch --job-name="laq_$seed" --output=logs/%j.out --wrap "python scripts/2_train_stage1.py seed=$seed lr=$lr out=$RUN/$seed"
  done
done
squeue --me --format '%i %T %M' | awk 'NR > 1 { print $1 }' | sort -n | tail -n 5
if [[ -f "$RUN/plan.txt" ]]; then
  sed -i "s/seed/Seed/" "$RUN/plan.txt"
  git add "$RUN/plan.txt" && git commit -m "plan of $RUN"
else
  echo 'no plan' >&2
fi
find "$RUN" -name '*.jsonl' -print0 | xargs -0 -n 1 wc -l
"#;

fn context() -> Context {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    Context {
        class: HostClass::Login,
        host: "login01".into(),
        user: "me".into(),
        cwd: here.clone(),
        home: here.clone(),
        roots: vec![here],
        scratch: Vec::new(),
        own: Vec::new(),
        origin: Origin::Person,
        guard: Some(GuardLevel::A),
        job: None,
        run_directory: None,
        evidence: Vec::new(),
    }
}

fn judge(criterion: &mut Criterion) {
    let context = context();
    let policy = Policy::builtin().expect("the built-in law loads");
    let world = Disk {
        cwd: context.cwd.clone(),
        home: context.home.clone(),
        user: "me".into(),
        scratch: None,
    };
    let gate = Gate::new(&policy, &context);
    criterion.bench_function("an ordinary line", |bench| {
        bench.iter(|| gate.judge(ORDINARY, analyse(black_box(ORDINARY), &world)));
    });
    criterion.bench_function("analyse an ordinary line", |bench| {
        bench.iter(|| analyse(black_box(ORDINARY), &world));
    });
    criterion.bench_function("a short line", |bench| {
        bench.iter(|| gate.judge("ls -la", analyse(black_box("ls -la"), &world)));
    });
    criterion.bench_function("a script of seventeen lines", |bench| {
        bench.iter(|| gate.judge(LONG, analyse(black_box(LONG), &world)));
    });
    criterion.bench_function("load the law", |bench| {
        bench.iter(|| Policy::builtin().expect("the built-in law loads"));
    });
}

criterion_group!(benches, judge);
criterion_main!(benches);
