//! What the kernel offers, asked and tried.

use super::Finding;
use crate::guard::level::Offer;
use crate::policy::GuardLevel;
use crate::sys::process::{self, Side, is_guarded};
use crate::sys::{namespace, seccomp};

/// The version of Landlock's ABI from which on a domain keeps signals in.
const SCOPES: u32 = 6;
/// The version of Landlock's ABI from which on level A holds.
const ENOUGH: u32 = 2;

pub(super) fn look(offer: &Offer) -> Vec<Finding> {
    vec![
        session(),
        level(offer),
        landlock(offer),
        scopes(offer),
        notification(offer),
        killable(offer),
        tracing(offer),
        namespaces(offer),
    ]
}

fn session() -> Finding {
    if is_guarded() {
        Finding::degraded(
            "session",
            "this is inside a session already",
            "the guard outside enforces; what is found here is what it lets be seen",
        )
    } else {
        Finding::ok(
            "session",
            "not inside one; each command line starts its own",
        )
    }
}

fn level(offer: &Offer) -> Finding {
    let reason = offer.reason();
    match offer.level() {
        GuardLevel::A => Finding::ok("guard", format!("level A can hold: {reason}")),
        GuardLevel::B | GuardLevel::C => Finding::degraded(
            "guard",
            format!("level B or C can hold: {reason}"),
            "the same is refused; at level C every creation waits for the supervisor",
        ),
        GuardLevel::D => Finding::missing(
            "guard",
            format!("level D: {reason}"),
            "only reading is possible; see `notification` and `ptrace` below",
        ),
    }
}

fn landlock(offer: &Offer) -> Finding {
    match offer.landlock {
        0 => Finding::degraded(
            "landlock",
            "none (Linux 5.13, and `landlock` among the `lsm=` of the boot line)",
            "namespaces or the supervisor keep writes inside the roots",
        ),
        abi if abi < ENOUGH => Finding::degraded(
            "landlock",
            format!("ABI {abi}; renaming between directories needs ABI {ENOUGH}"),
            "namespaces or the supervisor keep writes inside the roots",
        ),
        abi => Finding::ok("landlock", format!("ABI {abi}")),
    }
}

fn scopes(offer: &Offer) -> Finding {
    if offer.landlock >= SCOPES {
        Finding::ok(
            "scopes",
            "the kernel keeps signals and abstract sockets inside",
        )
    } else {
        Finding::degraded(
            "scopes",
            format!("none (Landlock ABI {SCOPES}, Linux 6.12)"),
            "the supervisor answers every signal, which is slower",
        )
    }
}

fn notification(offer: &Offer) -> Finding {
    if offer.notification {
        Finding::ok("notification", "seccomp user notification is there")
    } else {
        Finding::missing(
            "notification",
            "the kernel, or a filter around this process, has no seccomp user notification",
            "Linux 5.0 or later; in a container, a seccomp profile that allows seccomp(2)",
        )
    }
}

fn killable(offer: &Offer) -> Finding {
    if !offer.notification || seccomp::can_wait_killable() {
        let found = if offer.notification {
            "a call that is being answered is not interrupted"
        } else {
            "nothing to wait for without notification"
        };
        return Finding::ok("wait-killable", found);
    }
    Finding::degraded(
        "wait-killable",
        "none (Linux 5.19)",
        "a signal may interrupt a call that is being answered; the supervisor remembers its answer",
    )
}

fn tracing(offer: &Offer) -> Finding {
    let found = format!("kernel.yama.ptrace_scope is {}", offer.ptrace_scope);
    if offer.ptrace_scope < 2 {
        Finding::ok("ptrace", found)
    } else {
        Finding::missing(
            "ptrace",
            found,
            "an administrator sets it to 1: sysctl kernel.yama.ptrace_scope=1",
        )
    }
}

fn namespaces(offer: &Offer) -> Finding {
    let is_needed = offer.level() == GuardLevel::B;
    match (may_make_namespaces(), is_needed) {
        (true, _) => Finding::ok("namespaces", "users may make them"),
        (false, false) => Finding::ok("namespaces", "users may not make them, and need not here"),
        (false, true) => Finding::degraded(
            "namespaces",
            "users may not make them (user.max_user_namespaces, or AppArmor)",
            "level C: every creation waits for the supervisor",
        ),
    }
}

/// Tries it in a process of its own, since there is no way back.
fn may_make_namespaces() -> bool {
    match process::fork() {
        Ok(Side::Child) => {
            let entered = namespace::enter_read_only(&[], namespace::Proc::ReadOnly).is_ok();
            process::exit_now(i32::from(!entered))
        }
        Ok(Side::Parent(child)) => matches!(
            nix::sys::wait::waitpid(child, None),
            Ok(nix::sys::wait::WaitStatus::Exited(_, 0))
        ),
        Err(_) => false,
    }
}
