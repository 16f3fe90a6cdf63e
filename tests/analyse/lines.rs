//! Lines and what they would do, one table an area.

use super::gist;

/// Checks a table: a line, and the phrases it must give, in order.
fn check(table: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (line, expected) in table {
        let found = gist(line);
        if found != *expected {
            wrong.push(format!(
                "  {line}\n    expected {expected:?}\n    found    {found:?}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} lines differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn deleting_however_it_is_written() {
    check(&[
        ("rm foo", &["delete path foo!"]),
        (
            "rm -rf build dir",
            &["delete path build!", "delete path dir!"],
        ),
        ("\\rm foo", &["delete path foo!"]),
        ("'r''m' foo", &["delete path foo!"]),
        ("$'\\x72m' foo", &["delete path foo!"]),
        ("/bin/rm foo", &["delete path foo!"]),
        ("{rm,-rf,foo}", &["delete path foo!"]),
        ("c=rm; $c foo", &["delete path foo!"]),
        ("c='rm -rf'; $c foo", &["delete path foo!"]),
        ("a=(rm -rf foo); \"${a[@]}\"", &["delete path foo!"]),
        ("f() { rm \"$1\"; }; f foo", &["delete path foo!"]),
        ("alias x='rm -rf'\nx foo", &["delete path foo!"]),
        ("eval 'rm foo'", &["delete path foo!"]),
        ("eval \"rm\" \"foo\"", &["delete path foo!"]),
        ("bash -c 'rm foo'", &["delete path foo!"]),
        ("bash -lc 'rm foo'", &["delete path foo!"]),
        ("sh -c \"bash -c 'rm foo'\"", &["delete path foo!"]),
        ("echo 'rm foo' | sh", &["delete path foo!"]),
        ("printf 'rm %s' foo | bash", &["delete path foo!"]),
        ("bash <<< 'rm foo'", &["delete path foo!"]),
        ("bash <<EOF\nrm foo\nEOF", &["delete path foo!"]),
        ("bash <<'EOF'\nrm foo\nEOF\n", &["delete path foo!"]),
        ("cat cmds.txt | bash", &["file: delete path runs!"]),
        ("bash < cmds.txt", &["file: delete path runs!"]),
        ("source <(echo 'rm foo')", &["delete path foo!"]),
        ("bash <(echo rm foo)", &["delete path foo!"]),
        ("trap 'rm foo' EXIT", &["delete path foo!"]),
        ("echo $(rm foo)", &["delete path foo!"]),
        ("echo \"a `rm foo` b\"", &["delete path foo!"]),
        ("x=$(rm foo)", &["delete path foo!"]),
        ("echo $((1 + $(rm foo)))", &["delete path foo!"]),
        ("a[$(rm foo)]=1", &["delete path foo!"]),
        ("echo ${x:-$(rm foo)}", &["delete path foo!"]),
        ("x='$(rm foo)'; echo ${x@P}", &["delete path foo!"]),
        ("cat <<EOF\n$(rm foo)\nEOF\n", &["delete path foo!"]),
        ("diff <(rm foo) bar", &["delete path foo!"]),
        ("if rm foo; then :; fi", &["delete path foo!"]),
        ("while :; do rm foo; done", &["delete path foo!"]),
        (
            "for f in foo bar; do rm $f; done",
            &["delete path foo!", "delete path bar!"],
        ),
        ("for f in *; do rm \"$f\"; done", &["delete path <\"$f\">"]),
        ("(rm foo)", &["delete path foo!"]),
        ("{ rm foo; }", &["delete path foo!"]),
        ("! rm foo", &["delete path foo!"]),
        ("time rm foo", &["delete path foo!"]),
        ("rm foo &", &["delete path foo!"]),
        ("cd dir && rm inner", &["delete path dir/inner!"]),
        (
            "(cd dir; rm inner); rm foo",
            &["delete path dir/inner!", "delete path foo!"],
        ),
        ("rm ~/x", &["delete path /home/me/x"]),
        ("rm $HOME/x", &["delete path /home/me/x"]),
        ("rm *.log", &["delete path *.log"]),
        ("rmdir dir", &["delete path dir!"]),
        ("unlink foo", &["delete path foo!"]),
        ("shred -u foo", &["delete path foo!"]),
        (
            "find . -name '*.o' -delete",
            &["delete path <what is found under .>"],
        ),
        ("find . -exec rm {} \\;", &["delete path <{}>"]),
        ("find . -exec rm {} +", &["delete path <{}>"]),
        (
            "find . -exec sh -c 'rm \"$1\"' _ {} \\;",
            &["delete path <\"$1\">"],
        ),
        ("ls | xargs rm", &["delete path <…>"]),
        (
            "echo foo bar | xargs rm",
            &["delete path foo!", "delete path bar!"],
        ),
        ("find . | xargs -I{} rm {}", &["delete path <{}>"]),
        (
            "parallel rm ::: foo bar",
            &["delete path foo!", "delete path bar!"],
        ),
        ("fd -e o -x rm", &["delete path <{}>"]),
        ("env A=b rm foo", &["delete path foo!"]),
        ("env -i -u X rm foo", &["delete path foo!"]),
        ("env -S 'rm foo'", &["delete path foo!"]),
        ("nice -n 5 rm foo", &["delete path foo!"]),
        ("timeout -k 5 10 rm foo", &["delete path foo!"]),
        ("nohup setsid rm foo", &["delete path foo!"]),
        ("sudo -u x rm foo", &["delete path foo!"]),
        ("command rm foo", &["delete path foo!"]),
        ("exec rm foo", &["delete path foo!"]),
        ("stdbuf -oL rm foo", &["delete path foo!"]),
        ("busybox rm foo", &["delete path foo!"]),
        (
            "/lib64/ld-linux-x86-64.so.2 /bin/rm foo",
            &["delete path foo!"],
        ),
        ("flock /tmp/l rm foo", &["delete path foo!"]),
        ("flock l -c 'rm foo'", &["delete path foo!"]),
        ("watch -n1 'rm foo'", &["delete path foo!"]),
        ("conda run -n x rm foo", &["delete path foo!"]),
        ("uv run rm foo", &["delete path foo!"]),
        ("strace -f rm foo", &["delete path foo!"]),
        (
            "script -c 'rm foo' out",
            &["delete path foo!", "overwrite out"],
        ),
        ("$(echo rm) foo", &["delete path foo!"]),
        ("$(which rm) foo", &["delete path foo!"]),
        ("`echo rm` foo", &["delete path foo!"]),
        ("gzip foo", &["delete path foo!"]),
        ("gzip -k foo", &[]),
        (
            "tar czf a.tgz dir --remove-files",
            &["overwrite a.tgz", "delete path dir!"],
        ),
        ("zip -m a.zip foo", &["edit a.zip", "delete path foo!"]),
        (
            "rsync -a --delete dir/ build/",
            &["delete path build!", "edit build!"],
        ),
        ("trash-put foo", &["delete path foo!"]),
    ]);
}

#[test]
fn text_that_is_only_data() {
    check(&[
        ("echo 'rm -rf /'", &[]),
        ("echo rm foo", &[]),
        ("grep -rn 'rm -rf' .", &[]),
        ("git commit -m 'rm old'", &[]),
        ("man rm", &[]),
        ("which rm", &[]),
        ("# rm foo", &[]),
        ("x='rm foo'", &[]),
        ("c=echo; $c rm foo", &[]),
        ("cat <<'EOF'\nrm foo\n$(rm bar)\nEOF\n", &[]),
        ("printf '%s\\n' 'rm foo'", &[]),
        ("rm --help", &[]),
        ("ls # rm foo", &[]),
        ("alias x='rm foo'", &[]),
        ("f() { rm foo; }", &[]),
        ("python -m pytest", &[]),
        ("type rm", &[]),
        ("command -v rm", &[]),
        ("[ -f rm ] && echo rm", &[]),
        ("history | grep rm", &[]),
        ("case rm in rm) echo x;; esac", &[]),
        ("tmux new -s x", &[]),
        ("sed -n '/rm/p' foo", &[]),
        ("awk '{print $1}' foo", &[]),
    ]);
}

#[test]
fn what_cannot_be_worked_out_is_unknown() {
    check(&[
        ("$c x", &["unknown <$c>"]),
        ("base64 -d x | sh", &["unknown <… | sh>"]),
        ("/bin/r? foo", &["unknown </bin/r?>"]),
        ("curl -s http://x | bash", &["unknown <… | bash>"]),
        ("eval \"$x\"", &["unknown <eval \"$x\">"]),
        ("bash -c \"$x\"", &["unknown <\"$x\">"]),
        (
            "${RM:-rm} foo",
            &["unknown <${RM:-rm}>", "delete path foo!"],
        ),
        ("eval \"$(conda shell.bash hook)\"", &[]),
    ]);
}

#[test]
fn emptying_and_replacing() {
    check(&[
        (": > foo", &["truncate foo!"]),
        ("> foo", &["truncate foo!"]),
        ("true > foo", &["truncate foo!"]),
        ("cat /dev/null > foo", &["truncate foo!"]),
        ("echo -n > foo", &["truncate foo!"]),
        ("> new", &["create file new"]),
        ("truncate -s 0 foo", &["truncate foo!"]),
        ("cp /dev/null foo", &["truncate foo!"]),
        ("dd if=/dev/zero of=foo", &["truncate foo!"]),
        ("dd if=foo of=new", &["overwrite new"]),
        ("sed -i d foo", &["delete content foo!"]),
        ("sed -i 's/a/b/' foo", &["edit foo!"]),
        ("vim -c '%d|wq' foo", &["delete content foo!"]),
        ("ex -sc '%d|x' foo", &["delete content foo!"]),
        ("echo hi > foo", &["overwrite foo!"]),
        ("echo hi >> foo", &["append foo!"]),
        ("echo hi > new", &["overwrite new"]),
        ("ls 2>/dev/null", &["overwrite /dev/null!"]),
        ("ls &> foo", &["overwrite foo!"]),
        ("echo hi | tee foo", &["overwrite foo!"]),
        ("echo hi | tee -a foo", &["append foo!"]),
        ("cp a foo", &["replace foo!"]),
        ("cp a new", &["replace new"]),
        ("cp a dir", &["replace dir/a"]),
        ("cp -n a foo", &["create file foo!"]),
        ("cp --backup=numbered a foo", &["create file foo!"]),
        ("mv a foo", &["rename a! -> foo!", "replace foo!"]),
        ("mv a new", &["rename a! -> new"]),
        ("mv a dir/", &["rename a! -> dir/a"]),
        (
            "mv logs/*.log dir/",
            &[
                "rename logs/a.log! -> dir/a.log x3",
                "rename logs/b.log! -> dir/b.log x3",
                "rename logs/c.log! -> dir/c.log x3",
            ],
        ),
        ("ln -s a foo", &["create link foo!"]),
        ("ln -sf a foo", &["replace foo!"]),
        ("install -m 644 a foo", &["replace foo!"]),
        ("sort -o foo foo", &["overwrite foo!"]),
        ("gcc -o foo x.c", &["overwrite foo!"]),
        ("mkdir -p x/y", &["create directory x/y"]),
        ("touch new", &["create file new"]),
        ("touch foo", &["times foo!"]),
        ("chmod -R 777 dir", &["harshmode dir! tree"]),
        ("chmod +x foo", &["mode foo!"]),
        ("chown -R me dir", &["owner dir! tree"]),
        (
            "for f in *.log; do mv \"$f\" old/; done",
            &["rename run.log! -> old/run.log x?"],
        ),
    ]);
}

#[test]
fn git_by_what_it_drops() {
    check(&[
        ("git rm foo", &["delete work foo"]),
        ("git rm --cached foo", &[]),
        ("git reset --hard", &["delete work git reset"]),
        ("git reset HEAD~1", &[]),
        ("git checkout main", &[]),
        ("git checkout -b x", &[]),
        ("git checkout -- foo", &["delete work foo"]),
        ("git checkout foo", &["delete work foo"]),
        ("git checkout .", &["delete work ."]),
        ("git checkout HEAD~1 foo", &["delete work foo"]),
        ("git restore foo", &["delete work foo"]),
        ("git restore --staged foo", &[]),
        ("git switch main", &[]),
        ("git switch -f main", &["delete work git switch"]),
        ("git clean -fdx", &["delete work git clean"]),
        ("git clean -nfd", &[]),
        ("git stash", &[]),
        ("git stash pop", &[]),
        ("git stash drop", &["delete work git stash"]),
        ("git branch -d x", &[]),
        ("git branch -D x", &["delete work x"]),
        ("git push", &[]),
        ("git push --force", &["delete work git push"]),
        ("git push -f origin main", &["delete work git push"]),
        ("git push origin +main", &["delete work git push"]),
        ("git push origin :main", &["delete work git push"]),
        ("git push --force-with-lease", &["abandon git"]),
        ("git merge --abort", &["abandon git"]),
        ("git rebase main", &[]),
        ("git gc", &["delete work git gc"]),
        ("git worktree remove x", &["delete work x"]),
        ("git -C dir reset --hard", &["delete work git reset"]),
        ("git -c alias.x='!rm foo' x", &["delete path foo!"]),
        ("git -c core.pager='rm foo' log", &["delete path foo!"]),
        ("git fetch --prune", &[]),
        ("git commit --amend", &[]),
        ("git mv a new", &["rename a! -> new"]),
        ("git submodule foreach 'rm foo'", &["delete path foo!"]),
        ("git rebase -x 'rm foo' main", &["delete path foo!"]),
        ("git tag -d v1", &["delete work v1"]),
        ("git log --oneline", &[]),
    ]);
}

#[test]
fn tools_that_clean() {
    check(&[
        (
            "make clean",
            &["delete product clean", "file: delete path build!"],
        ),
        ("make", &["file: overwrite prog"]),
        ("make -n clean", &[]),
        ("make wipe-foo", &["file: delete path foo!"]),
        (
            "make later",
            &["file: delete path <${_make}>", "file: delete path <$x>"],
        ),
        ("make train", &["file: train scripts/2_train_laq.py"]),
        ("just train", &["file: train scripts/2_train_laq.py"]),
        ("just rmfoo", &["file: delete path foo!"]),
        ("cargo clean", &["delete product clean"]),
        ("cargo build", &[]),
        ("ninja -t clean", &["delete product clean"]),
        ("cmake --build b --target clean", &["delete product clean"]),
        ("cmake -E rm foo", &["delete path foo!"]),
        ("pip uninstall -y x", &["delete product x"]),
        ("pip install -e .", &[]),
        ("npm ci", &["delete product ci"]),
        ("npm install", &[]),
        ("conda remove x", &["delete product x"]),
        ("conda env remove -n x", &["delete product x"]),
        ("conda install x", &[]),
        ("apt remove x", &["delete product x"]),
        ("wandb sync --clean", &["delete product wandb sync --clean"]),
        (
            "huggingface-cli delete-cache",
            &["delete product huggingface-cli delete-cache"],
        ),
        ("docker system prune -f", &["delete service system prune"]),
        ("docker ps", &[]),
        ("docker run x", &["delegate docker"]),
        ("enroot remove x", &["delete service x"]),
        ("enroot import docker://x", &["imageimport enroot"]),
        ("psql -c 'DROP TABLE x'", &["delete service DROP TABLE x"]),
        ("psql -c 'SELECT 1'", &[]),
        ("redis-cli FLUSHALL", &["delete service FLUSHALL"]),
        (
            "bash clean.sh",
            &[
                "file: delete path foo!",
                "file: delete path <\"$TMP\"/x>",
                "file: delete path </home/me/proj/missing.txt>",
            ],
        ),
        ("./hello.sh", &["file: create directory out"]),
        ("source lib.sh; wipe foo", &["file: delete path foo!"]),
        ("source lib.sh; $CMD foo", &["delete path foo!"]),
    ]);
}

#[test]
fn training_slurm_and_far_away() {
    check(&[
        (
            "python scripts/2_train_laq.py",
            &["train scripts/2_train_laq.py"],
        ),
        ("python scripts/2_train_laq.py --help", &[]),
        ("python scripts/2_train_laq.py --cfg job", &[]),
        ("python scripts/1_prepare.py", &[]),
        (
            "python -m torch.distributed.run x.py",
            &["train torch.distributed.run"],
        ),
        ("torchrun --nproc 2 x.py", &["train torchrun"]),
        ("accelerate launch x.py", &["train accelerate launch"]),
        ("conda run -n x python train.py", &["train train.py"]),
        (
            "jupyter nbconvert --execute x.ipynb",
            &["train jupyter nbconvert --execute"],
        ),
        ("jupyter lab", &["serve jupyter"]),
        ("tensorboard --logdir x", &["serve tensorboard"]),
        ("python -m http.server", &["serve python"]),
        ("pytest tests", &[]),
        (
            "sbatch job.sbatch",
            &[
                "submit sbatch",
                "append err.txt",
                "job: file: submit srun",
                "job: file: train scripts/2_train_laq.py",
            ],
        ),
        (
            "sbatch wipe.sbatch",
            &["submit sbatch", "job: file: delete path runs/laq_0312!"],
        ),
        (
            "sbatch --wrap='rm foo'",
            &["submit sbatch", "job: delete path foo!"],
        ),
        ("sbatch --test-only job.sbatch", &[]),
        (
            "srun -N1 python scripts/2_train_laq.py",
            &["submit srun", "job: train scripts/2_train_laq.py"],
        ),
        (
            "bash job.sbatch",
            &[
                "file: submit srun",
                "job: file: train scripts/2_train_laq.py",
            ],
        ),
        (
            "sbatch <<EOF\n#!/bin/bash\nrm foo\nEOF\n",
            &["submit sbatch", "job: delete path foo!"],
        ),
        ("scancel 123", &["cancel named"]),
        ("scancel -u me", &["cancel allown"]),
        ("scancel --me", &["cancel allown"]),
        ("scancel -u other", &["cancel others"]),
        ("scancel -u $USER", &["cancel allown"]),
        ("scontrol show job 1", &[]),
        ("scontrol update node=x state=down", &["cancel cluster"]),
        ("squeue", &[]),
        ("ssh ai ls", &["remote ai readonly"]),
        (
            "ssh ai 'rm x'",
            &["remote ai changes", "ai: delete path ~/x"],
        ),
        (
            "ssh ai 'python scripts/2_train_laq.py'",
            &["remote ai changes", "ai: train scripts/2_train_laq.py"],
        ),
        ("ssh ai", &["remote ai login"]),
        (
            "ssh -o ProxyCommand='rm foo' ai ls",
            &["delete path foo!", "remote ai bypass", "remote ai readonly"],
        ),
        ("scp foo ai:x", &["remote ai changes", "ai: replace ~/x"]),
        ("scp ai:foo bar", &["remote ai readonly", "replace bar!"]),
        ("kill 123", &["signal named"]),
        ("kill -9 -1", &["signal everything"]),
        ("pkill -u me", &["signal everything"]),
        ("pkill python", &["signal matching"]),
        ("crontab -r", &["delegate crontab"]),
        (
            "echo 'rm foo' | at now",
            &["delegate at", "delete path foo!"],
        ),
        (
            "tmux send-keys 'rm foo' Enter",
            &["delegate tmux", "delete path foo!"],
        ),
        (
            "python3 -c 'import os; os.remove(\"thesis.tex\")'",
            &["unknown python3"],
        ),
        (
            "python3 -c 'import os; os.system(\"rm foo\")'",
            &["unknown python3", "delete path foo!"],
        ),
        ("python3 -c 'print(1)'", &[]),
        (
            "perl -e 'system(\"rm foo\")'",
            &["unknown perl", "delete path foo!"],
        ),
        ("awk 'BEGIN { system(\"rm foo\") }'", &["delete path foo!"]),
        ("sed '1e rm foo' a", &["delete path foo!"]),
        ("vim -c '!rm foo'", &["delete path foo!"]),
        (
            "tar cf x.tar dir --checkpoint=1 --checkpoint-action=exec='rm foo'",
            &["delete path foo!", "overwrite x.tar"],
        ),
        ("curl -o foo http://x", &["overwrite foo!"]),
        ("curl http://x", &[]),
        ("rsync -a dir/ build/", &["edit build!"]),
    ]);
}
