//! Programs that only look, whatever their arguments.

use crate::bash::program::{
    Effect::{Create, Delete, Is, Line, Write},
    Program, looks, plain, special,
};
use crate::bash::wrapper;
use crate::policy::Deletable::Service;
use crate::policy::Node::Directory;
use crate::policy::Purpose;
use crate::policy::WriteHow::{Edit, Overwrite};

#[rustfmt::skip]
pub(crate) const TABLE: &[Program] = &[
    looks(&["ls", "dir", "vdir", "exa", "eza", "lsd", "stat", "file", "du", "df", "ncdu", "dust", "duf"]),
    special(&["cat", "zcat", "bzcat", "xzcat", "zstdcat", "tac", "head", "tail"], super::files::cat),
    looks(&["more", "most", "bat", "batcat", "nl", "rev", "fold", "fmt", "pr", "column", "expand", "unexpand", "od", "hexdump", "hd", "strings"]),
    looks(&["grep", "egrep", "fgrep", "zgrep", "bzgrep", "xzgrep", "ag", "ack", "pgrep", "look", "cmp", "diff", "diff3", "sdiff", "colordiff", "comm", "join", "paste", "cut", "tr", "wc", "tsort", "seq", "factor", "numfmt", "bc", "dc", "expr", "zless", "zmore", "zdiff", "zcmp"]),
    special(&["which", "whereis", "whence"], wrapper::which),
    special(&["basename", "dirname"], super::files::part),
    looks(&["locate", "mlocate", "plocate", "type", "info", "apropos", "whatis", "tldr", "cheat"]),
    looks(&["echo", "printf", "yes", "true", "false", "sleep", "realpath", "readlink", "pathchk", "pwd", "test", "[", "tty", "cal", "ncal", "uptime", "uname", "arch", "hostname", "hostid", "nproc", "lscpu", "lsblk", "lspci", "lsusb", "lsmod", "lsof", "lshw", "lsns", "lsipc", "lslocks", "free", "vmstat", "iostat", "mpstat", "sar", "dmesg", "getconf", "locale", "localectl", "timedatectl"]),
    looks(&["ps", "top", "htop", "btop", "atop", "iotop", "pstree", "pidof", "pmap", "pwdx", "fuser", "who", "w", "whoami", "id", "groups", "users", "last", "lastlog", "finger", "getent", "logname", "printenv", "getfacl", "getfattr", "lsattr", "namei", "findmnt", "mountpoint", "blkid"]),
    looks(&["nvidia-smi", "nvtop", "gpustat", "rocm-smi", "nvidia-debugdump", "numastat", "lstopo", "hwloc-ls", "ibstat", "ibv_devinfo", "ibstatus"]),
    looks(&["md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum", "b3sum", "cksum", "sum", "xxhsum", "base64", "base32", "basenc", "nm", "ldd", "readelf", "size", "addr2line", "c++filt"]),
    looks(&["quota", "mmlsquota", "dssusrinfo", "budget_and_quota", "sshare", "sinfo", "squeue", "sacct", "sstat", "sprio", "sreport", "sdiag", "smap", "slurmtop", "seff", "showquota", "spartition"]),
    looks(&["ping", "ping6", "traceroute", "tracepath", "mtr", "dig", "nslookup", "host", "whois", "ss", "netstat", "ifconfig", "arp", "ethtool"]),
    looks(&["jq", "xq", "gron", "fx", "csvlook", "csvstat", "csvcut", "tokei", "cloc", "scc", "h5ls", "h5dump", "ncdump", "identify", "mediainfo", "ffprobe"]),
    looks(&["clear", "reset", "tput", "stty", "setterm", "tabs", "toilet", "figlet", "cowsay", "fortune", "lolcat", "neofetch", "fastfetch", "screenfetch", "nvidia-settings"]),
    looks(&["module", "ml", "modulecmd", "lmod"]),
    looks(&["tree", "shuf", "xmllint"]).values("-o --output -n --head-count -i -L -P -I").flags(&[("-o --output", Write(Overwrite))]),
    looks(&["less"]).values("-o -O -p -t -x --log-file --LOG-FILE").flags(&[("-o -O --log-file --LOG-FILE", Write(Overwrite))]),
    looks(&["nmap"]).values("-oN -oX -oG -oA -p").words().flags(&[("-oN -oX -oG -oA", Write(Overwrite))]),
    looks(&["journalctl"]).values("-u -n -p -o -S -U --since --until --unit --lines").flags(&[("--vacuum-size --vacuum-time --vacuum-files --rotate --flush --setup-keys", Delete(Service))]),
    looks(&["date"]).values("-d -f -r --date --file --reference -s --set").flags(&[("-s --set", Is(Purpose::Delegate))]),
    special(&["man"], super::files::manual).values("-P -p -L -m -M -S -s -H --pager --locale --sections --html"),
    special(&["xxd"], super::files::dump).values("-c -g -l -o -s -n"),
    plain(&["rg"]).values("-e -f -g -t -T -A -B -C -m --pre --type --glob").flags(&[("--pre", Line)]),
    plain(&["openssl"]).words().values("-in -out -keyout -key -config -days -subj -CAfile -pass -k").flags(&[("-out -keyout", Write(Overwrite))]),
    plain(&["gpg", "gpg2", "age"]).values("-o -r -u -i --output --recipient --local-user").flags(&[("-o --output", Write(Overwrite)), ("--delete-key --delete-keys --delete-secret-keys --delete-secret-and-public-key", Delete(Service))]),
    plain(&["sort"]).values("-o --output -k -t -S -T --key --field-separator --buffer-size --temporary-directory --parallel --batch-size --compress-program").flags(&[("-o --output", Write(Overwrite)), ("--compress-program", Line), ("-T --temporary-directory", Create(Directory))]),
    plain(&["uniq"]).values("-f -s -w"),
    plain(&["yq"]).flags(&[("-i --inplace", Write(Edit))]).values("-o -p --output-format --input-format"),
    plain(&["mlr"]).flags(&[("-I", Write(Edit))]),
    plain(&["exiftool"]).flags(&[("-overwrite_original", Write(Overwrite))]).words(),
];
