# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hlrp_sh_global_optspecs
    string join \n json h/help V/version
end

function __fish_hlrp_sh_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hlrp_sh_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hlrp_sh_using_subcommand
    set -l cmd (__fish_hlrp_sh_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -s V -l version -d 'Print version'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "archive" -d 'Move things out of the way, to a dated place below their root'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "audit" -d 'Show the record of what was asked about or changed something'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "cancel" -d 'Cancel your own jobs, and see that they end'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "check" -d 'Judge a line; nothing runs'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "compose" -d 'Show the configuration that overrides compose to'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "context" -d 'Show where this is: kind of machine, roots, and the evidence'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "diff" -d 'Show what a session did: created, changed, moved, removed; and was refused'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "doctor" -d 'Look whether everything a session needs is here'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "far" -d 'Serve the same program on another machine, which calls this by itself'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "hook" -d 'Answer an agent\'s client before its tools act'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "image" -d 'Import, list and choose container images'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "jobs" -d 'Show your jobs: what runs, what waits and why, what ended lately'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "logs" -d 'Show what a job writes: its output and its errors'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "man" -d 'Print a manual page'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "mcp" -d 'Serve an agent: the Model Context Protocol on stdin and stdout'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "note" -d 'Open the page of a run below `docs/runs/`, made from a template where there is none'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "policy" -d 'Show, explain, test or lint the law'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "quota" -d 'Show how full each root is, in bytes and in files'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "race" -d 'Put one run into several queues, and train where it starts first'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "remote" -d 'Open a guarded session on another machine, or run one command of this program there'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "restore" -d 'Put back what is retained: the newest version of a file, or a whole directory'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "results" -d 'Show what was run, with which configuration, and what came out'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "resume" -d 'Let a halted session go on'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "retained" -d 'Show what is retained: everything that was removed, replaced or edited'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "run" -d 'Run one program, without a shell, guarded'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "status" -d 'Show all that is known of a job: state, times, how it ended and what that means, its files'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "sync" -d 'Carry code to another machine, or back with `--pull`'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "train" -d 'Train an experiment on this machine, guarded'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "watch" -d 'Watch your jobs: the table of `jobs`, again and again, and what happens to them'
complete -c hlrp-sh -n "__fish_hlrp_sh_needs_command" -f -a "submit" -d 'Submit an experiment to Slurm'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand archive" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand archive" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l session -d 'Of this session only' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l rule -d 'Decided by this rule only' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l decision -d 'Decided so only' -r -f -a "allow\t''
ask\t''
deny\t''
halt\t''"
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l since -d 'Not before: a date (2026-01-31), or so long ago (90m, 12h, 7d)' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand audit; and not __fish_seen_subcommand_from verify" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand audit; and not __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand audit; and not __fish_seen_subcommand_from verify" -f -a "verify" -d 'Look for lines that were edited, removed or reordered'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand audit; and __fish_seen_subcommand_from verify" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand cancel" -l signal -d 'Send this signal to the job\'s script instead: USR1, TERM, KILL' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand cancel" -l all -d 'Every job of yours that waits or runs'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand cancel" -l yes -d 'Do not ask whether several named jobs are meant'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand cancel" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand cancel" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand check" -l context -d 'Judge as on this kind of machine' -r -f -a "login\t'A cluster\'s login node'
compute\t'Inside a Slurm allocation'
workstation\t'One\'s own machine'"
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand check" -l cwd -d 'Judge as in this directory' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand check" -l agent -d 'Judge as for an agent of this name' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand check" -l script -d 'Judge as for a script, with nobody at the keyboard'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand check" -l guarded -d 'Judge as if the kernel guard stood behind it'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand check" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand completions" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand compose" -l config-dir -d 'The directory of the configuration, in place of the project\'s `config`' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand compose" -l config-name -d 'The primary configuration' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand compose" -l cfg -d 'Which part: the program\'s own, Hydra\'s, or all' -r -f -a "job\t'What the program sees'
hydra\t'Hydra\'s own node'
all\t'Both'"
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand compose" -l package -d 'Only what is at this dotted key' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand compose" -l info -d 'Print how it comes about: files in their order, choices, or where files are looked for' -r -f -a "defaults\t'The files that are merged, in order, with their packages'
config\t'The option of each group'
searchpath\t'The directories in which files are looked for, in order'"
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand compose" -l resolve -d 'Put values in the place of interpolations'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand compose" -l yaml -d 'Print YAML, which is what is printed anyway'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand compose" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand compose" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand context" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand context" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand diff" -l session -d 'This session' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand diff" -l patch -d 'Also the difference in the content of text files'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand diff" -l no-scan -d 'Do not look through the roots for what was created'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand diff" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand doctor" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and not __fish_seen_subcommand_from hello submit keep" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and not __fish_seen_subcommand_from hello submit keep" -s h -l help -d 'Print help'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and not __fish_seen_subcommand_from hello submit keep" -f -a "hello" -d 'Say what this program speaks'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and not __fish_seen_subcommand_from hello submit keep" -f -a "submit" -d 'Submit once for one token, or say what came of it'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and not __fish_seen_subcommand_from hello submit keep" -f -a "keep" -d 'Do what a token stands for, whoever goes'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and __fish_seen_subcommand_from hello" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and __fish_seen_subcommand_from hello" -s h -l help -d 'Print help'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and __fish_seen_subcommand_from submit" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and __fish_seen_subcommand_from submit" -s h -l help -d 'Print help'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and __fish_seen_subcommand_from keep" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand far; and __fish_seen_subcommand_from keep" -s h -l help -d 'Print help'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand hook" -l for -d 'The client that asks' -r -f -a "claude\t'Claude Code'
codex\t'Codex CLI'
cursor\t'Cursor'
gemini\t'Gemini CLI'
copilot\t'GitHub Copilot CLI'"
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand hook" -l print-config -d 'Print what to install where, and stop; nothing is changed'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand hook" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand hook" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and not __fish_seen_subcommand_from import list use" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and not __fish_seen_subcommand_from import list use" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and not __fish_seen_subcommand_from import list use" -f -a "import" -d 'Import an image from a registry, as a job on a compute node'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and not __fish_seen_subcommand_from import list use" -f -a "list" -d 'List the images that are there, and which one is used'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and not __fish_seen_subcommand_from import list use" -f -a "use" -d 'Use an image from now on'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from import" -l mem -d 'Memory of the job' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from import" -l partition -d 'Partition of the job' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from import" -l time -d 'Time limit of the job' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from import" -l name -d 'Name of the file, before the date' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from import" -l dry-run -d 'Print the script and stop'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from import" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from use" -l environment -d 'Only for the stages that run in this environment: `hlrp` (1 and 2), `lerobot` (3)' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from use" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand image; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand jobs" -l user -d 'The jobs of this user' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand jobs" -l since -d 'Also what ended since: a date (2026-01-31), or so long ago (90m, 12h, 7d)' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand jobs" -l state -d 'In these states only, in Slurm\'s words: RUNNING, PD, FAILED' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand jobs" -l host -d 'Look on this machine, over ssh, in place of this one' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand jobs" -l all -d 'Everybody\'s jobs'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand jobs" -l tasks -d 'One line for each task that ended, also where several of an array ended alike'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand jobs" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand jobs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -s n -l lines -d 'Begin with the last so many lines of each file' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -l stream -d 'Which of them' -r -f -a "out\t''
err\t''
both\t''"
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -l at -d 'What that machine has of a stream: STREAM:FILE:OFFSET' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -l host -d 'Look on this machine, over ssh, in place of this one' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -s f -l follow -d 'Go on until the job has ended'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -l out -d 'The output only'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -l err -d 'The errors only'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -l both -d 'Output and errors'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -l frames -d 'Write for the same program on another machine'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand man" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand mcp" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand mcp" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand note" -l runs -d 'The directories that hold run directories, in place of the configuration\'s own' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand note" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand note" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and not __fish_seen_subcommand_from show explain test lint" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and not __fish_seen_subcommand_from show explain test lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and not __fish_seen_subcommand_from show explain test lint" -f -a "show" -d 'List every rule and threshold that holds here'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and not __fish_seen_subcommand_from show explain test lint" -f -a "explain" -d 'Explain one rule, with its examples'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and not __fish_seen_subcommand_from show explain test lint" -f -a "test" -d 'Run the examples of every rule'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and not __fish_seen_subcommand_from show explain test lint" -f -a "lint" -d 'Look for rules that are likely mistakes'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and __fish_seen_subcommand_from show" -l text -d 'Print the built-in law as it is written'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and __fish_seen_subcommand_from explain" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and __fish_seen_subcommand_from explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and __fish_seen_subcommand_from test" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and __fish_seen_subcommand_from lint" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand policy; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand quota" -l host -d 'Look on this machine, over ssh, in place of this one' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand quota" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand quota" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand race" -l clusters -d 'The clusters, as `cluster=` names them: two or more' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand race" -l config-dir -d 'The configuration directory, in place of the `config/` above this directory' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand race" -l config-name -d 'The primary configuration' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand race" -l dry-run -d 'Print every script and stop: nothing is made, nobody is asked'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand race" -l separate -d 'A job for each cluster, also where one could wait in all queues'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand race" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand race" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand remote" -s C -l directory -d 'Run there in this directory' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand remote" -l binary -d 'The static program to put there, in place of this one' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand remote" -l token -d 'The name of a submission that was sent before' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand remote" -l install -d 'Put this program there without asking, where it is not there already'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand remote" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand remote" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand restore" -l session -d 'Retained in this session' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand restore" -l version -d 'The Nth version, the newest being 1' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand restore" -l stored -d 'The version of this name in the store: `NAME` or `SESSION/NAME`' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand restore" -l to -d 'Put it there instead of where it was' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand restore" -l all -d 'Everything, as it was before the session'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand restore" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and not __fish_seen_subcommand_from compare" -l by -d 'Sort by this metric, the lowest first' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and not __fish_seen_subcommand_from compare" -l update -d 'Maintain the table in this page, between two marks; all else of the page stays' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and not __fish_seen_subcommand_from compare" -l runs -d 'The directories that hold run directories, in place of the configuration\'s own' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and not __fish_seen_subcommand_from compare" -l descending -d 'With `--by`: the highest first'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and not __fish_seen_subcommand_from compare" -l md -d 'As a table of markdown'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and not __fish_seen_subcommand_from compare" -l csv -d 'As comma-separated values'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and not __fish_seen_subcommand_from compare" -l undocumented -d 'Only runs that ended and have no page below `docs/runs/`'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and not __fish_seen_subcommand_from compare" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and not __fish_seen_subcommand_from compare" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and not __fish_seen_subcommand_from compare" -a "compare" -d 'Show what two runs were told differently, beside what came out differently'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and __fish_seen_subcommand_from compare" -l runs -d 'The directories that hold run directories, in place of the configuration\'s own' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and __fish_seen_subcommand_from compare" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand results; and __fish_seen_subcommand_from compare" -s h -l help -d 'Print help'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand resume" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand retained; and not __fish_seen_subcommand_from release" -l session -d 'Of this session only' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand retained; and not __fish_seen_subcommand_from release" -l path -d 'At or below this path only' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand retained; and not __fish_seen_subcommand_from release" -l gone -d 'Also what was restored or released since'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand retained; and not __fish_seen_subcommand_from release" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand retained; and not __fish_seen_subcommand_from release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand retained; and not __fish_seen_subcommand_from release" -f -a "release" -d 'Free what is retained, for good'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand retained; and __fish_seen_subcommand_from release" -l before -d 'Retained before: a date (2026-01-31), or so long ago (90m, 12h, 7d)' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand retained; and __fish_seen_subcommand_from release" -l session -d 'Of this session' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand retained; and __fish_seen_subcommand_from release" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand retained; and __fish_seen_subcommand_from release" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand run" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand status" -l host -d 'Look on this machine, over ssh, in place of this one' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand status" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand sync" -l to -d 'Where it is over there: from the home directory, or absolute' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand sync" -l exclude -d 'Leave out what matches, as rsync\'s --exclude has it' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand sync" -l pull -d 'From there to here'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand sync" -l dry-run -d 'Show what would change, and stop'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand sync" -l yes -d 'Do it without asking'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand sync" -l newer -d 'Replace also what is newer at the receiving side'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand sync" -l ignored -d 'Also what `.gitignore` names'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand sync" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand train" -l config-dir -d 'The configuration directory, in place of the `config/` above this directory' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand train" -l config-name -d 'The primary configuration' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand train" -l dry-run -d 'Print what would run and stop: nothing is made, nobody is asked'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand train" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand train" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand watch" -l interval -d 'Seconds from one look to the next' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand watch" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand watch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand submit" -l resume -d 'Queue what is missing or has failed of an earlier submission' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand submit" -l after -d 'Start only when this job has ended well' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand submit" -l config-dir -d 'The configuration directory, in place of the `config/` above this directory' -r -F
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand submit" -l config-name -d 'The primary configuration' -r
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand submit" -l dry-run -d 'Print every script and stop: nothing is made, nobody is asked'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand submit" -l test-only -d 'Let Slurm say when the jobs would start, and stop: nothing is made'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand submit" -l yes -d 'With `--resume`: queue again also what Slurm says nothing about'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand submit" -l compat -d 'Name and place sweep points as the research repository\'s script does'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand submit" -l json -d 'Print one JSON object, or one a line, in place of text'
complete -c hlrp-sh -n "__fish_hlrp_sh_using_subcommand submit" -s h -l help -d 'Print help (see more with \'--help\')'
