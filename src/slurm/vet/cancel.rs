//! `scancel`: whose jobs, and how many.

use super::batch::{HELP, look};
use super::getopt::Given;
use super::options::Options;
use super::reading::{Draft, Facts, Reading, Stop};
use super::{Carry, Kind, Request, files, input};
use crate::policy::{Action, CancelScope};

/// Options that choose jobs.
const FILTERS: [&str; 10] = [
    "user",
    "name",
    "jobname",
    "partition",
    "state",
    "account",
    "qos",
    "nodelist",
    "reservation",
    "wckey",
];

/// Reads a request of scancel.
pub(super) fn read(request: &Request, facts: Facts<'_>) -> Result<Reading, Stop> {
    let mut draft = Draft::new(request, facts)?;
    let cut = draft.cut(Options::of(request.client))?;
    if let Some(help) = HELP.iter().find(|help| cut.has(help)) {
        return Ok(draft.finish(look(help)));
    }
    let mut given = input::options(request.client, &request.environment);
    given.extend(cut.given.iter().cloned());
    let span = draft.whole();
    let scope = scope(&draft, &given, &cut.operands);
    draft.act(Action::Cancel { scope }, span, Vec::new());
    let mut args: Vec<_> = given.iter().map(|one| one.argument().into()).collect();
    args.push("--".into());
    args.extend(cut.operands.iter().map(|word| (&word.text).into()));
    let asks = files::last(&given, "interactive").is_some();
    let carry = Carry {
        args,
        environment: input::passed(request.client, &request.environment),
        files: Vec::new(),
        opened: Vec::new(),
        reads_input: asks,
        kind: Kind::Cancel,
    };
    Ok(draft.finish(carry))
}

fn scope(draft: &Draft<'_>, given: &[Given], ids: &[super::getopt::Word]) -> CancelScope {
    let world = draft.facts.world;
    let is_own = |user: &str| {
        let uid = nix::unistd::Uid::current().to_string();
        user == uid || user == draft.facts.context.user || world.is_own_user(user)
    };
    let users = given.iter().filter(|one| one.name == "user");
    let mut users = users
        .filter_map(|one| one.value.as_deref())
        .flat_map(|users| users.split(','));
    if users.any(|user| !is_own(user)) {
        return CancelScope::Others;
    }
    let words = ids.iter().flat_map(|word| word.text.split([',', ' ']));
    if words.clone().any(|id| owner(draft, id) == Some(false)) {
        return CancelScope::Others;
    }
    let chooses = given
        .iter()
        .any(|one| one.name == "me" || FILTERS.contains(&one.name));
    if ids.is_empty() && chooses {
        CancelScope::AllOwn
    } else {
        CancelScope::Named
    }
}

/// Returns whether a job is one's own, as far as it is known.
pub(super) fn owner(draft: &Draft<'_>, id: &str) -> Option<bool> {
    let number: String = id.chars().take_while(char::is_ascii_digit).collect();
    if number.is_empty() {
        None
    } else {
        draft.facts.world.owns_job(&number)
    }
}
