//! Programs that only look, whatever their arguments.

use crate::bash::program::{Effect::Write, Program, looks, plain, special};
use crate::bash::wrapper;
use crate::policy::WriteHow::{Edit, Overwrite};

pub(crate) const TABLE: &[Program] = &[
    looks(&["ls", "dir", "vdir", "exa", "eza", "lsd", "tree", "stat", "file", "du", "df", "ncdu", "dust", "duf"]),
    special(&["cat", "zcat", "bzcat", "xzcat", "zstdcat", "tac", "head", "tail"], super::files::cat),
    looks(&["less", "more", "most", "bat", "batcat", "nl", "rev", "fold", "fmt", "pr", "column", "expand", "unexpand", "od", "xxd", "hexdump", "hd", "strings"]),
    looks(&["grep", "egrep", "fgrep", "zgrep", "bzgrep", "xzgrep", "ag", "ack", "pgrep", "look", "cmp", "diff", "diff3", "sdiff", "colordiff", "comm", "join", "paste", "cut", "tr", "wc", "tsort", "shuf", "seq", "factor", "numfmt", "bc", "dc", "expr", "zless", "zmore", "zdiff", "zcmp"]),
    special(&["which", "whereis", "whence"], wrapper::which),
    looks(&["locate", "mlocate", "plocate", "type", "man", "info", "apropos", "whatis", "tldr", "cheat"]),
    looks(&["echo", "printf", "yes", "true", "false", "sleep", "basename", "dirname", "realpath", "readlink", "pathchk", "pwd", "test", "[", "tty", "date", "cal", "ncal", "uptime", "uname", "arch", "hostname", "hostid", "nproc", "lscpu", "lsblk", "lspci", "lsusb", "lsmod", "lsof", "lshw", "lsns", "lsipc", "lslocks", "free", "vmstat", "iostat", "mpstat", "sar", "dmesg", "journalctl", "getconf", "locale", "localectl", "timedatectl"]),
    looks(&["ps", "top", "htop", "btop", "atop", "iotop", "pstree", "pidof", "pmap", "pwdx", "fuser", "who", "w", "whoami", "id", "groups", "users", "last", "lastlog", "finger", "getent", "logname", "printenv", "getfacl", "getfattr", "lsattr", "namei", "findmnt", "mountpoint", "blkid"]),
    looks(&["nvidia-smi", "nvtop", "gpustat", "rocm-smi", "nvidia-debugdump", "numastat", "lstopo", "hwloc-ls", "ibstat", "ibv_devinfo", "ibstatus"]),
    looks(&["md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum", "b3sum", "cksum", "sum", "xxhsum", "base64", "base32", "basenc", "nm", "ldd", "readelf", "size", "addr2line", "c++filt"]),
    looks(&["quota", "mmlsquota", "dssusrinfo", "budget_and_quota", "sshare", "sinfo", "squeue", "sacct", "sstat", "sprio", "sreport", "sdiag", "smap", "slurmtop", "seff", "showquota", "spartition"]),
    looks(&["ping", "ping6", "traceroute", "tracepath", "mtr", "dig", "nslookup", "host", "whois", "ss", "netstat", "ifconfig", "arp", "ethtool", "nmap"]),
    looks(&["jq", "xq", "gron", "fx", "csvlook", "csvstat", "csvcut", "xmllint", "tokei", "cloc", "scc", "h5ls", "h5dump", "ncdump", "identify", "mediainfo", "ffprobe"]),
    looks(&["clear", "reset", "tput", "stty", "setterm", "tabs", "toilet", "figlet", "cowsay", "fortune", "lolcat", "neofetch", "fastfetch", "screenfetch", "nvidia-settings"]),
    looks(&["module", "ml", "modulecmd", "lmod"]),
    plain(&["rg"]).values("-e -f -g -t -T -A -B -C -m --pre --type --glob"),
    plain(&["sort"]).values("-o --output -k -t -S -T --key --field-separator --buffer-size --temporary-directory --parallel --batch-size --compress-program").flags(&[("-o --output", Write(Edit))]),
    plain(&["uniq"]).values("-f -s -w"),
    plain(&["yq"]).flags(&[("-i --inplace", Write(Edit))]).values("-o -p --output-format --input-format"),
    plain(&["mlr"]).flags(&[("-I", Write(Edit))]),
    plain(&["exiftool"]).flags(&[("-overwrite_original", Write(Overwrite))]).words(),
];
