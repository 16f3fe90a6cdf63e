//! Asks Slurm what there is, before anything is made.

use crate::session::Session;
use crate::slurm::client::{Client, Clients};
use crate::slurm::submit::cluster::{self, Offer};
use crate::slurm::submit::problem::{Kind, Subject};
use crate::slurm::submit::{Plan, Problem};

/// Finds the clients, and holds what is asked for against what Slurm has.
pub(in crate::cli) fn clients(
    session: &Session,
    plan: &Plan,
    problems: &mut Vec<Problem>,
) -> Option<Clients> {
    match offer(session) {
        Ok((clients, offer)) => {
            problems.extend(cluster::judge(&offer, &plan.jobs));
            Some(clients)
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// Finds the clients, and asks what Slurm has.
///
/// # Errors
/// Why it cannot be asked.
pub(in crate::cli) fn offer(session: &Session) -> Result<(Clients, Offer), Problem> {
    let roots: Vec<&std::path::Path> = session
        .context
        .roots
        .iter()
        .map(|root| root.as_path())
        .collect();
    let found = Clients::find(&roots).and_then(|clients| {
        clients.path(Client::Sbatch)?;
        clients
            .capture(Client::Scontrol, ["-o", "show", "partition"], None)
            .map(|said| (clients, said))
    });
    let (clients, said) = found.map_err(|fault| unreachable(&fault))?;
    let user = &session.context.user;
    let arguments = [
        "-nP",
        "show",
        "assoc",
        &format!("user={user}"),
        "format=Account,Partition,QOS",
    ];
    // A cluster without accounting answers nothing here, and asks for nothing either.
    let associations = clients.capture(Client::Sacctmgr, arguments, None);
    let offer = Offer {
        partitions: cluster::partitions(&said.stdout),
        associations: associations
            .map(|said| cluster::associations(&said.stdout))
            .unwrap_or_default(),
    };
    Ok((clients, offer))
}

/// Says why Slurm cannot be asked.
pub(in crate::cli) fn unreachable(fault: &crate::slurm::client::Error) -> Problem {
    let kind = match fault.code() {
        crate::error::code::CONFIG => Kind::Config,
        // Whatever keeps Slurm from answering, it cannot be asked.
        _ => Kind::Unreachable,
    };
    let hint = fault
        .hint()
        .unwrap_or("`sinfo` shows whether Slurm answers");
    Problem::new(kind, Subject::Slurm, fault.to_string(), hint)
}
