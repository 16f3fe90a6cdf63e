#compdef hlrp-sh

autoload -U is-at-least

_hlrp-sh() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_hlrp-sh_commands" \
"*::: :->hlrp-sh" \
&& ret=0
    case $state in
    (hlrp-sh)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:hlrp-sh-command-$line[1]:"
        case $line[1] in
            (archive)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::paths -- What to move:_files' \
&& ret=0
;;
(audit)
_arguments "${_arguments_options[@]}" : \
'--session=[Of this session only]:ID:_default' \
'--rule=[Decided by this rule only]:RULE:_default' \
'--decision=[Decided so only]:DECISION:(allow ask deny halt)' \
'--since=[Not before\: a date (2026-01-31), or so long ago (90m, 12h, 7d)]:TIME:_default' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_hlrp-sh__subcmd__audit_commands" \
"*::: :->audit" \
&& ret=0

    case $state in
    (audit)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:hlrp-sh-audit-command-$line[1]:"
        case $line[1] in
            (verify)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
        esac
    ;;
esac
;;
(cancel)
_arguments "${_arguments_options[@]}" : \
'--signal=[Send this signal to the job'\''s script instead\: USR1, TERM, KILL]:SIGNAL:_default' \
'()--all[Every job of yours that waits or runs]' \
'--yes[Do not ask whether several named jobs are meant]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::jobs -- Job ids\: 123, or 123_4 for a task of an array:_default' \
&& ret=0
;;
(check)
_arguments "${_arguments_options[@]}" : \
'--context=[Judge as on this kind of machine]:KIND:((login\:"A cluster'\''s login node"
compute\:"Inside a Slurm allocation"
workstation\:"One'\''s own machine"))' \
'--cwd=[Judge as in this directory]:DIR:_files' \
'(--script)--agent=[Judge as for an agent of this name]:NAME:_default' \
'--script[Judge as for a script, with nobody at the keyboard]' \
'--guarded[Judge as if the kernel guard stood behind it]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::line -- The line, best quoted as one word:_default' \
&& ret=0
;;
(completions)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- Which shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(compose)
_arguments "${_arguments_options[@]}" : \
'--config-dir=[The directory of the configuration, in place of the project'\''s \`config\`]:DIR:_files' \
'--config-name=[The primary configuration]:NAME:_default' \
'--cfg=[Which part\: the program'\''s own, Hydra'\''s, or all]:PART:((job\:"What the program sees"
hydra\:"Hydra'\''s own node"
all\:"Both"))' \
'--package=[Only what is at this dotted key]:KEY:_default' \
'(--package --resolve)--info=[Print how it comes about\: files in their order, choices, or where files are looked for]:WHAT:((defaults\:"The files that are merged, in order, with their packages"
config\:"The option of each group"
searchpath\:"The directories in which files are looked for, in order"))' \
'--resolve[Put values in the place of interpolations]' \
'(--json)--yaml[Print YAML, which is what is printed anyway]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::overrides -- Hydra'\''s overrides, e.g. `cluster=lrz_h100 training.optimizer.lr=3e-4`:_default' \
&& ret=0
;;
(context)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(diff)
_arguments "${_arguments_options[@]}" : \
'--session=[This session]:ID:_default' \
'--patch[Also the difference in the content of text files]' \
'--no-scan[Do not look through the roots for what was created]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(doctor)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(far)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help]' \
'--help[Print help]' \
":: :_hlrp-sh__subcmd__far_commands" \
"*::: :->far" \
&& ret=0

    case $state in
    (far)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:hlrp-sh-far-command-$line[1]:"
        case $line[1] in
            (hello)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(submit)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help]' \
'--help[Print help]' \
':token -- The submission'\''s name:_default' \
':out -- So many bytes of its output are there already:_default' \
':err -- So many of its errors:_default' \
'*::words -- What is submitted:_default' \
&& ret=0
;;
(keep)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help]' \
'--help[Print help]' \
':token -- The submission'\''s name:_default' \
'*::words -- What is submitted:_default' \
&& ret=0
;;
        esac
    ;;
esac
;;
(hook)
_arguments "${_arguments_options[@]}" : \
'--for=[The client that asks]:CLIENT:((claude\:"Claude Code"
codex\:"Codex CLI"
cursor\:"Cursor"
gemini\:"Gemini CLI"
copilot\:"GitHub Copilot CLI"))' \
'--print-config[Print what to install where, and stop; nothing is changed]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(image)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_hlrp-sh__subcmd__image_commands" \
"*::: :->image" \
&& ret=0

    case $state in
    (image)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:hlrp-sh-image-command-$line[1]:"
        case $line[1] in
            (import)
_arguments "${_arguments_options[@]}" : \
'--mem=[Memory of the job]:SIZE:_default' \
'--partition=[Partition of the job]:NAME:_default' \
'--time=[Time limit of the job]:TIME:_default' \
'--name=[Name of the file, before the date]:NAME:_default' \
'--dry-run[Print the script and stop]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':source -- docker\://NAME\:TAG or docker\://REGISTRY#NAME\:TAG:_default' \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(use)
_arguments "${_arguments_options[@]}" : \
'--environment=[Only for the stages that run in this environment\: \`hlrp\` (1 and 2), \`lerobot\` (3)]:NAME:_default' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':path -- The image:_files' \
&& ret=0
;;
        esac
    ;;
esac
;;
(jobs)
_arguments "${_arguments_options[@]}" : \
'--user=[The jobs of this user]:USER:_default' \
'--since=[Also what ended since\: a date (2026-01-31), or so long ago (90m, 12h, 7d)]:TIME:_default' \
'*--state=[In these states only, in Slurm'\''s words\: RUNNING, PD, FAILED]:STATE:_default' \
'--host=[Look on this machine, over ssh, in place of this one]:HOST:_default' \
'(--user)--all[Everybody'\''s jobs]' \
'--tasks[One line for each task that ended, also where several of an array ended alike]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(logs)
_arguments "${_arguments_options[@]}" : \
'-n+[Begin with the last so many lines of each file]:LINES:_default' \
'--lines=[Begin with the last so many lines of each file]:LINES:_default' \
'--stream=[Which of them]:STREAM:(out err both)' \
'*--at=[What that machine has of a stream\: STREAM\:FILE\:OFFSET]:PLACE:_default' \
'--host=[Look on this machine, over ssh, in place of this one]:HOST:_default' \
'-f[Go on until the job has ended]' \
'--follow[Go on until the job has ended]' \
'(--err --both --stream)--out[The output only]' \
'(--both --stream)--err[The errors only]' \
'(--stream)--both[Output and errors]' \
'--frames[Write for the same program on another machine]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':job -- The job\: 123, or 123_4 for a task of an array:_default' \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::command -- Of which subcommand; of the program itself where none is named:_default' \
&& ret=0
;;
(mcp)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(note)
_arguments "${_arguments_options[@]}" : \
'*--runs=[The directories that hold run directories, in place of the configuration'\''s own]:DIR:_files' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':run -- The run\: its name or an unmistakable part of it, its directory, its job:_default' \
&& ret=0
;;
(policy)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_hlrp-sh__subcmd__policy_commands" \
"*::: :->policy" \
&& ret=0

    case $state in
    (policy)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:hlrp-sh-policy-command-$line[1]:"
        case $line[1] in
            (show)
_arguments "${_arguments_options[@]}" : \
'--text[Print the built-in law as it is written]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':id -- Its id:_default' \
&& ret=0
;;
(test)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::file -- A policy file to lay over the law first:_files' \
&& ret=0
;;
(lint)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::file -- A policy file to lay over the law first:_files' \
&& ret=0
;;
        esac
    ;;
esac
;;
(quota)
_arguments "${_arguments_options[@]}" : \
'--host=[Look on this machine, over ssh, in place of this one]:HOST:_default' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(race)
_arguments "${_arguments_options[@]}" : \
'*--clusters=[The clusters, as \`cluster=\` names them\: two or more]:CLUSTER:_default' \
'--config-dir=[The configuration directory, in place of the \`config/\` above this directory]:DIR:_files' \
'--config-name=[The primary configuration]:NAME:_default' \
'--dry-run[Print every script and stop\: nothing is made, nobody is asked]' \
'--separate[A job for each cluster, also where one could wait in all queues]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::overrides -- Overrides as `submit` has them, but for `cluster=`:_default' \
&& ret=0
;;
(remote)
_arguments "${_arguments_options[@]}" : \
'-C+[Run there in this directory]:DIR:_default' \
'--directory=[Run there in this directory]:DIR:_default' \
'--binary=[The static program to put there, in place of this one]:PATH:_files' \
'--token=[The name of a submission that was sent before]:TOKEN:_default' \
'--install[Put this program there without asking, where it is not there already]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':host -- The machine\: `ai`, `me@login.example`:_default' \
'*::words -- What runs there\: a command of this program and its arguments, or `-c LINE`:_default' \
&& ret=0
;;
(restore)
_arguments "${_arguments_options[@]}" : \
'--session=[Retained in this session]:ID:_default' \
'(--stored --all)--version=[The Nth version, the newest being 1]:N:_default' \
'(--all)--stored=[The version of this name in the store\: \`NAME\` or \`SESSION/NAME\`]:NAME:_default' \
'(--all)--to=[Put it there instead of where it was]:PATH:_files' \
'()--all[Everything, as it was before the session]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::paths -- What to put back, by the path it had:_files' \
&& ret=0
;;
(results)
_arguments "${_arguments_options[@]}" : \
'--by=[Sort by this metric, the lowest first]:METRIC:_default' \
'(--md --csv)--update=[Maintain the table in this page, between two marks; all else of the page stays]:PAGE:_files' \
'*--runs=[The directories that hold run directories, in place of the configuration'\''s own]:DIR:_files' \
'--descending[With \`--by\`\: the highest first]' \
'(--csv)--md[As a table of markdown]' \
'--csv[As comma-separated values]' \
'--undocumented[Only runs that ended and have no page below \`docs/runs/\`]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::filter -- What a row must have:_default' \
":: :_hlrp-sh__subcmd__results_commands" \
"*::: :->results" \
&& ret=0

    case $state in
    (results)
        words=($line[2] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:hlrp-sh-results-command-$line[2]:"
        case $line[2] in
            (compare)
_arguments "${_arguments_options[@]}" : \
'*--runs=[The directories that hold run directories, in place of the configuration'\''s own]:DIR:_files' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help]' \
'--help[Print help]' \
':one -- A run\: its name or an unmistakable part of it, its directory, its job:_default' \
':other -- The other:_default' \
&& ret=0
;;
        esac
    ;;
esac
;;
(resume)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::session -- The session; without it every session that is halted:_default' \
&& ret=0
;;
(retained)
_arguments "${_arguments_options[@]}" : \
'--session=[Of this session only]:ID:_default' \
'--path=[At or below this path only]:PREFIX:_files' \
'--gone[Also what was restored or released since]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
":: :_hlrp-sh__subcmd__retained_commands" \
"*::: :->retained" \
&& ret=0

    case $state in
    (retained)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:hlrp-sh-retained-command-$line[1]:"
        case $line[1] in
            (release)
_arguments "${_arguments_options[@]}" : \
'--before=[Retained before\: a date (2026-01-31), or so long ago (90m, 12h, 7d)]:DATE:_default' \
'--session=[Of this session]:ID:_default' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
        esac
    ;;
esac
;;
(run)
_arguments "${_arguments_options[@]}" : \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::program -- The program and its arguments, after `--`:_default' \
&& ret=0
;;
(status)
_arguments "${_arguments_options[@]}" : \
'--host=[Look on this machine, over ssh, in place of this one]:HOST:_default' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::jobs -- Job ids\: 123, or 123_4 for a task of an array:_default' \
&& ret=0
;;
(sync)
_arguments "${_arguments_options[@]}" : \
'--to=[Where it is over there\: from the home directory, or absolute]:DIR:_default' \
'*--exclude=[Leave out what matches, as rsync'\''s --exclude has it]:PATTERN:_default' \
'--pull[From there to here]' \
'--dry-run[Show what would change, and stop]' \
'(--dry-run)--yes[Do it without asking]' \
'--newer[Replace also what is newer at the receiving side]' \
'--ignored[Also what \`.gitignore\` names]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':host -- The machine\: `ai`, `me@login.example`:_default' \
'::path -- What is carried\: a directory or a file:_files' \
&& ret=0
;;
(train)
_arguments "${_arguments_options[@]}" : \
'--config-dir=[The configuration directory, in place of the \`config/\` above this directory]:DIR:_files' \
'--config-name=[The primary configuration]:NAME:_default' \
'--dry-run[Print what would run and stop\: nothing is made, nobody is asked]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::overrides -- Overrides as Hydra reads them\: `experiment=NAME key=value +new=1 ~gone`:_default' \
&& ret=0
;;
(watch)
_arguments "${_arguments_options[@]}" : \
'--interval=[Seconds from one look to the next]:SECONDS:_default' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(submit)
_arguments "${_arguments_options[@]}" : \
'(--test-only --compat)--resume=[Queue what is missing or has failed of an earlier submission]:MANIFEST:_files' \
'--after=[Start only when this job has ended well]:JOB:_default' \
'--config-dir=[The configuration directory, in place of the \`config/\` above this directory]:DIR:_files' \
'--config-name=[The primary configuration]:NAME:_default' \
'--dry-run[Print every script and stop\: nothing is made, nobody is asked]' \
'(--dry-run)--test-only[Let Slurm say when the jobs would start, and stop\: nothing is made]' \
'--yes[With \`--resume\`\: queue again also what Slurm says nothing about]' \
'--compat[Name and place sweep points as the research repository'\''s script does]' \
'--json[Print one JSON object, or one a line, in place of text]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::overrides -- Overrides as Hydra reads them\: `experiment=NAME cluster=NAME key=value +new=1 ~gone`:_default' \
&& ret=0
;;
        esac
    ;;
esac
}

(( $+functions[_hlrp-sh_commands] )) ||
_hlrp-sh_commands() {
    local commands; commands=(
'archive:Move things out of the way, to a dated place below their root' \
'audit:Show the record of what was asked about or changed something' \
'cancel:Cancel your own jobs, and see that they end' \
'check:Judge a line; nothing runs' \
'completions:Print completions for a shell' \
'compose:Show the configuration that overrides compose to' \
'context:Show where this is\: kind of machine, roots, and the evidence' \
'diff:Show what a session did\: created, changed, moved, removed; and was refused' \
'doctor:Look whether everything a session needs is here' \
'far:Serve the same program on another machine, which calls this by itself' \
'hook:Answer an agent'\''s client before its tools act' \
'image:Import, list and choose container images' \
'jobs:Show your jobs\: what runs, what waits and why, what ended lately' \
'logs:Show what a job writes\: its output and its errors' \
'man:Print a manual page' \
'mcp:Serve an agent\: the Model Context Protocol on stdin and stdout' \
'note:Open the page of a run below \`docs/runs/\`, made from a template where there is none' \
'policy:Show, explain, test or lint the law' \
'quota:Show how full each root is, in bytes and in files' \
'race:Put one run into several queues, and train where it starts first' \
'remote:Open a guarded session on another machine, or run one command of this program there' \
'restore:Put back what is retained\: the newest version of a file, or a whole directory' \
'results:Show what was run, with which configuration, and what came out' \
'resume:Let a halted session go on' \
'retained:Show what is retained\: everything that was removed, replaced or edited' \
'run:Run one program, without a shell, guarded' \
'status:Show all that is known of a job\: state, times, how it ended and what that means, its files' \
'sync:Carry code to another machine, or back with \`--pull\`' \
'train:Train an experiment on this machine, guarded' \
'watch:Watch your jobs\: the table of \`jobs\`, again and again, and what happens to them' \
'submit:Submit an experiment to Slurm' \
    )
    _describe -t commands 'hlrp-sh commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__archive_commands] )) ||
_hlrp-sh__subcmd__archive_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh archive commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__audit_commands] )) ||
_hlrp-sh__subcmd__audit_commands() {
    local commands; commands=(
'verify:Look for lines that were edited, removed or reordered' \
    )
    _describe -t commands 'hlrp-sh audit commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__audit__subcmd__verify_commands] )) ||
_hlrp-sh__subcmd__audit__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh audit verify commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__cancel_commands] )) ||
_hlrp-sh__subcmd__cancel_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh cancel commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__check_commands] )) ||
_hlrp-sh__subcmd__check_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh check commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__completions_commands] )) ||
_hlrp-sh__subcmd__completions_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh completions commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__compose_commands] )) ||
_hlrp-sh__subcmd__compose_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh compose commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__context_commands] )) ||
_hlrp-sh__subcmd__context_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh context commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__diff_commands] )) ||
_hlrp-sh__subcmd__diff_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh diff commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__doctor_commands] )) ||
_hlrp-sh__subcmd__doctor_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh doctor commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__far_commands] )) ||
_hlrp-sh__subcmd__far_commands() {
    local commands; commands=(
'hello:Say what this program speaks' \
'submit:Submit once for one token, or say what came of it' \
'keep:Do what a token stands for, whoever goes' \
    )
    _describe -t commands 'hlrp-sh far commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__far__subcmd__hello_commands] )) ||
_hlrp-sh__subcmd__far__subcmd__hello_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh far hello commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__far__subcmd__keep_commands] )) ||
_hlrp-sh__subcmd__far__subcmd__keep_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh far keep commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__far__subcmd__submit_commands] )) ||
_hlrp-sh__subcmd__far__subcmd__submit_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh far submit commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__hook_commands] )) ||
_hlrp-sh__subcmd__hook_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh hook commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__image_commands] )) ||
_hlrp-sh__subcmd__image_commands() {
    local commands; commands=(
'import:Import an image from a registry, as a job on a compute node' \
'list:List the images that are there, and which one is used' \
'use:Use an image from now on' \
    )
    _describe -t commands 'hlrp-sh image commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__image__subcmd__import_commands] )) ||
_hlrp-sh__subcmd__image__subcmd__import_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh image import commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__image__subcmd__list_commands] )) ||
_hlrp-sh__subcmd__image__subcmd__list_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh image list commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__image__subcmd__use_commands] )) ||
_hlrp-sh__subcmd__image__subcmd__use_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh image use commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__jobs_commands] )) ||
_hlrp-sh__subcmd__jobs_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh jobs commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__logs_commands] )) ||
_hlrp-sh__subcmd__logs_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh logs commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__man_commands] )) ||
_hlrp-sh__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh man commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__mcp_commands] )) ||
_hlrp-sh__subcmd__mcp_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh mcp commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__note_commands] )) ||
_hlrp-sh__subcmd__note_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh note commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__policy_commands] )) ||
_hlrp-sh__subcmd__policy_commands() {
    local commands; commands=(
'show:List every rule and threshold that holds here' \
'explain:Explain one rule, with its examples' \
'test:Run the examples of every rule' \
'lint:Look for rules that are likely mistakes' \
    )
    _describe -t commands 'hlrp-sh policy commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__policy__subcmd__explain_commands] )) ||
_hlrp-sh__subcmd__policy__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh policy explain commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__policy__subcmd__lint_commands] )) ||
_hlrp-sh__subcmd__policy__subcmd__lint_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh policy lint commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__policy__subcmd__show_commands] )) ||
_hlrp-sh__subcmd__policy__subcmd__show_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh policy show commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__policy__subcmd__test_commands] )) ||
_hlrp-sh__subcmd__policy__subcmd__test_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh policy test commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__quota_commands] )) ||
_hlrp-sh__subcmd__quota_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh quota commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__race_commands] )) ||
_hlrp-sh__subcmd__race_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh race commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__remote_commands] )) ||
_hlrp-sh__subcmd__remote_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh remote commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__restore_commands] )) ||
_hlrp-sh__subcmd__restore_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh restore commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__results_commands] )) ||
_hlrp-sh__subcmd__results_commands() {
    local commands; commands=(
'compare:Show what two runs were told differently, beside what came out differently' \
    )
    _describe -t commands 'hlrp-sh results commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__results__subcmd__compare_commands] )) ||
_hlrp-sh__subcmd__results__subcmd__compare_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh results compare commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__resume_commands] )) ||
_hlrp-sh__subcmd__resume_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh resume commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__retained_commands] )) ||
_hlrp-sh__subcmd__retained_commands() {
    local commands; commands=(
'release:Free what is retained, for good' \
    )
    _describe -t commands 'hlrp-sh retained commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__retained__subcmd__release_commands] )) ||
_hlrp-sh__subcmd__retained__subcmd__release_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh retained release commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__run_commands] )) ||
_hlrp-sh__subcmd__run_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh run commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__status_commands] )) ||
_hlrp-sh__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh status commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__submit_commands] )) ||
_hlrp-sh__subcmd__submit_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh submit commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__sync_commands] )) ||
_hlrp-sh__subcmd__sync_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh sync commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__train_commands] )) ||
_hlrp-sh__subcmd__train_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh train commands' commands "$@"
}
(( $+functions[_hlrp-sh__subcmd__watch_commands] )) ||
_hlrp-sh__subcmd__watch_commands() {
    local commands; commands=()
    _describe -t commands 'hlrp-sh watch commands' commands "$@"
}

if [ "$funcstack[1]" = "_hlrp-sh" ]; then
    _hlrp-sh "$@"
else
    compdef _hlrp-sh hlrp-sh
fi
