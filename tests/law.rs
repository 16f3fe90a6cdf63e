//! The law row by row: lines as people write them, with the decision they get.
//! `!` denied, `?` asked, `=` allowed, with the guard behind it: code in other languages
//! is allowed here and judged in the kernel.

use hlrp_sh::gate::example::verdicts;
use hlrp_sh::policy::{Decision, Example, HostClass, Policy};

fn check(class: HostClass, table: &str) {
    let policy = Policy::builtin().unwrap();
    let mut wrong = Vec::new();
    for row in table.lines().filter(|row| !row.trim().is_empty()) {
        let row = row.trim_start();
        let (wanted, line) = match row.split_at(1) {
            ("!", line) => (Decision::Deny, line),
            ("?", line) => (Decision::Ask, line),
            ("=", line) => (Decision::Allow, line),
            _ => panic!("a row begins with !, ? or =: {row}"),
        };
        let example = Example {
            line: Some(line.trim().replace("\\n", "\n")),
            class: Some(class),
            files: FILES.iter().map(|name| (*name).to_owned()).collect(),
            ..Example::default()
        };
        let found = verdicts(&policy, &example);
        let strictest = found.iter().max_by_key(|verdict| verdict.decision);
        let decision = strictest.map_or(Decision::Allow, |verdict| verdict.decision);
        if decision != wanted {
            let rule = strictest.map_or("nothing", |verdict| &verdict.rule);
            wrong.push(format!("{wanted} wanted, {decision} by {rule}: {line}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

const FILES: [&str; 12] = [
    "f",
    "dir/a",
    "data.csv",
    "runs/a/metrics.jsonl",
    "checkpoints/last.ckpt",
    "slurm-1.out",
    "archive/",
    "model.safetensors",
    "conf.yaml",
    "link",
    "big.tar",
    "src/b.py",
];

#[test]
fn what_would_run_counts_and_not_the_words() {
    check(
        HostClass::Workstation,
        r#"
        !rm f
        !/bin/rm f
        !\rm f
        !"r"m f
        !r''m f
        !command rm f
        !builtin command rm f
        !exec rm f
        !time rm f
        !env X=1 rm f
        !env -i rm f
        !nice -n 3 rm f
        !timeout 5 rm f
        !nohup rm f &
        !setsid rm f
        !flock l rm f
        !ls | xargs rm
        !ls | xargs -n1 -I{} rm {}
        !find . -exec rm {} \;
        !find . -delete
        !parallel rm ::: f
        !busybox rm f
        !watch rm f
        !bash -c 'rm f'
        !sh -c "sh -c 'rm f'"
        !eval rm f
        !eval "$(echo rm f)"
        !trap 'rm f' EXIT
        !g() { rm f; }; g
        !x=rm; $x f
        !echo $(rm f)
        !echo `rm f`
        !cat <(rm f)
        !a[$(rm f)]=1
        !echo $(( $(rm f) + 1 ))
        !echo 'rm f' | bash
        !bash <<< 'rm f'
        !bash <<'END'\nrm f\nEND
        !if true; then rm f; fi
        !for i in 1; do rm f; done
        !case x in x) rm f;; esac
        !(rm f)
        !{ rm f; }
        !true && rm f
        !! rm f
        !sudo rm f
        !ls; rm f
        =python -c 'import os; os.remove("f")'
        =perl -e 'unlink "f"'
        =echo rm f
        =grep -r rm .
        =git commit -m 'rm f'
        =cat <<'END'\nrm f\nEND
        =# rm f
        =x='rm f'
        =man rm
        =which rm
        =rm --help
        =rm --version
        =apropos rm
        =c=echo; $c rm f
        =ls # rm f
        =printf '%s\n' 'rm f'
        "#,
    );
}

#[test]
fn deleting_and_emptying_is_denied() {
    check(
        HostClass::Workstation,
        r#"
        !rm -rf build
        !rm -rf node_modules __pycache__
        !rmdir empty
        !rm /tmp/x
        !unlink f
        !shred f
        !wipe f
        !make clean
        !ninja -t clean
        !cargo clean
        !pip uninstall -y x
        !pip cache purge
        !npm ci
        !npm uninstall x
        !conda remove x
        !conda clean -a
        !apt remove x
        !wandb sync --clean
        !huggingface-cli delete-cache
        !docker system prune
        !docker rm x
        !enroot remove x
        !gzip f
        !trash-put f
        !rsync -a --delete src/ dst/
        !git clean -fd
        !: > f
        !> f
        !true > f
        !truncate -s 0 f
        !cp /dev/null f
        !dd if=/dev/zero of=f
        !sed -i d f
        !vim -c '%d|wq' f
        !tar --remove-files -cf x.tar dir
        !zip -m x.zip f
        !find . -empty -delete
        =gzip -k f
        =pip install -U x
        =conda install x
        =apt list
        =npm install
        =make
        =make -n clean
        =git clean -n
        =rsync -an --delete src/ dst/
        =touch new
        =: > new
        => new
        =truncate -s 5 new
        =docker ps
        =mkdir -p a/b/c
        "#,
    );
}

#[test]
fn replacing_is_denied_and_editing_is_not() {
    check(
        HostClass::Workstation,
        r#"
        !cp other.txt f
        !mv other.txt f
        !install other.txt f
        !ln -f other.txt f
        !ln -sfn other.txt link
        !cp other.txt f && echo ok
        !echo x > runs/a/metrics.jsonl
        !echo x | tee runs/a/metrics.jsonl
        !echo x > checkpoints/last.ckpt
        !python x.py > slurm-1.out
        !echo x >| model.safetensors
        =cp -n other.txt f
        =cp --backup=numbered other.txt f
        =cp other.txt fresh
        =cp other.txt archive/
        =mv f archive/
        =mv f g
        =mv -n other.txt f
        =ln -s f new
        =echo x >> runs/a/metrics.jsonl
        =echo x | tee -a slurm-1.out
        =echo x > conf.yaml
        =echo x | tee conf.yaml
        =sed -i s/a/b/ f
        =perl -pi -e s/a/b/ f
        =patch -p1 < f
        =sort -o f f
        =gcc -o prog src/main.c
        =rsync -a src/ dst/
        =tar xf big.tar
        =black src
        =vim f
        =mv runs/a archive/a
        "#,
    );
}

#[test]
fn much_at_once_is_asked_about_or_denied() {
    check(
        HostClass::Workstation,
        r#"
        !chmod -R 777 src
        !chmod -R 000 src
        !chown -R me src
        !mv ~ /dss/group/me/home
        !mv /dss/group/me ~/dss
        ?for i in *; do mv $i archive/; done
        ?ls | xargs -I{} mv {} archive/
        =chmod +x run.sh
        =chmod -R u+w src
        =mv notes.txt other.txt dir archive/
        "#,
    );
}

#[test]
fn git_keeps_work() {
    check(
        HostClass::Workstation,
        r#"
        !git rm f
        !git reset --hard
        !git reset --merge
        !git checkout -- f
        !git checkout HEAD f
        !git checkout .
        !git restore f
        !git switch -f main
        !git switch --discard-changes main
        !git checkout -f main
        !git clean -fdx
        !git stash drop
        !git stash clear
        !git branch -D x
        !git branch -M x
        !git branch -f x HEAD~1
        !git tag -d v1
        !git update-ref -d refs/heads/x
        !git gc
        !git prune
        !git reflog expire --all --expire=now
        !git worktree remove x
        !git filter-branch --all
        !git filter-repo --path x
        !git push -f
        !git push origin +main
        !git push origin :x
        !git push origin --delete x
        !git push --mirror
        !git push --prune
        !git -C dir -c a.b=c reset --hard
        ?git push --force-with-lease
        ?git merge --abort
        ?git rebase --abort
        ?git cherry-pick --abort
        ?git sparse-checkout set src
        =git rm --cached f
        =git switch main
        =git checkout main
        =git checkout -b new
        =git stash
        =git stash -u
        =git stash pop
        =git merge x
        =git pull
        =git pull --rebase
        =git rebase main
        =git commit --amend
        =git branch -d x
        =git reset --keep HEAD~1
        =git fetch --prune
        =git revert HEAD
        =git reset HEAD~1
        =git reset --soft HEAD~1
        =git restore --staged f
        =git mv f g
        =git log
        =git diff
        =git clone https://github.com/a/b
        =git init
        "#,
    );
}

#[test]
fn writing_stays_inside() {
    check(
        HostClass::Login,
        r#"
        !echo x > /tmp/y
        !mkdir /tmp/y
        !touch /var/tmp/y
        !cp f /opt/
        !ln -s ~/code/f /tmp/l
        !mv f /tmp/
        !mv /etc/hosts .
        !chmod 600 /etc/hosts
        !echo x > /home/me_backup/y
        !echo x > /home/you/y
        !echo x > ../../you/y
        !tee /etc/hosts < f
        !curl -o /tmp/y https://x
        !wget -O /tmp/y https://x
        !tar xf big.tar -C /tmp
        !dd if=f of=/tmp/y
        !git clone https://x/y /tmp/y
        !mount -t tmpfs x dir
        =echo x > ~/y
        =echo x > /dss/group/me/y
        =echo x > $TMPDIR/y
        =cp /etc/hosts .
        =cat /etc/passwd
        =echo x > /dev/null
        =ls /tmp 2>/dev/null
        =echo x >&2
        =curl -o y https://x
        =touch /dev/shm/y
        ?echo x >> ~/.bashrc
        ?echo x > .git/hooks/pre-commit
        ?crontab f
        =crontab -l
        !at now
        !batch < f
        !systemd-run ls
        !docker run x
        !ssh localhost ls > /tmp/y
        =tmux new -d
        "#,
    );
}

#[test]
fn training_waits_for_slurm_on_a_login_node() {
    check(
        HostClass::Login,
        r#"
        !python train.py
        !python -m torch.distributed.run train.py
        !python3 -u scripts/2_train_laq.py
        !torchrun x.py
        !accelerate launch x.py
        !deepspeed x.py
        !lerobot-train
        !lerobot-eval
        !mpirun -n 4 x
        !horovodrun x
        !nohup python train.py &
        !conda run -n x python train.py
        !bash job.sbatch
        !tmux new -d 'python train.py'
        !jupyter nbconvert --execute x.ipynb
        !apptainer exec x.sif ls
        !enroot import docker://x
        !CUDA_VISIBLE_DEVICES=0 python train.py
        !python finetune.py
        !uv run train.py
        ?jupyter lab
        ?tensorboard --logdir runs
        =sbatch job.sbatch
        =srun python train.py
        =salloc -N1
        =python train.py --help
        =python train.py --cfg job
        =pytest
        =pytest --collect-only
        =pip install torch
        =python x.py
        =make
        =git pull
        =huggingface-cli download x
        =squeue -u me
        =sinfo
        =scancel 4711
        ?scancel --me
        ?scancel -u me
        !scancel -u you
        !scontrol update NodeName=x State=DOWN
        =scontrol show job 1
        =kill 123
        !kill -9 -1
        !pkill -u me
        !killall -u me
        !sbatch --wrap 'rm -rf /dss/group/me/x'
        !sbatch --output=/tmp/x job.sbatch
        "#,
    );
}

#[test]
fn training_runs_on_compute_nodes_and_workstations() {
    let table = r#"
        =python train.py
        =torchrun x.py
        =accelerate launch x.py
        =python scripts/2_train_laq.py
        =tensorboard --logdir runs
        "#;
    check(HostClass::Compute, table);
    check(HostClass::Workstation, table);
    check(
        HostClass::Workstation,
        r#"
        !ssh ai 'python scripts/2_train_laq.py'
        !ssh ai 'rm -rf x'
        !ssh ai rm x
        !ssh -o ProxyCommand='rm x' ai ls
        =ssh ai
        =ssh ai ls
        =ssh ai 'cd x && git status'
        =scp f ai:
        =rsync -a src/ ai:src/
        "#,
    );
}
