//! Asks Slurm what a job is doing, while its files are followed.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::cli::status;
use crate::slurm::client::Clients;
use crate::slurm::query::{Job, JobId, Whose, look};

/// From one question to Slurm to the next.
const ASKING: Duration = Duration::from_secs(3);
/// What Slurm says meanwhile.
pub(super) enum Answer {
    Is(Box<Job>),
    /// Neither the queue nor accounting knows it any more.
    Gone,
    Silent(String),
}

/// Asks Slurm again and again, so that a client that hangs does not stop the files; ends with the job.
pub(super) fn asking(clients: Clients, id: JobId) -> Receiver<Answer> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut was_silent = false;
        loop {
            std::thread::sleep(ASKING);
            let answer = ask(&clients, &id);
            let is_silent = matches!(answer, Answer::Silent(_));
            let is_last = match &answer {
                Answer::Is(job) => job.state.is_over(),
                Answer::Gone => true,
                Answer::Silent(_) => false,
            };
            // That it does not answer is said once.
            let is_news = !(is_silent && was_silent);
            was_silent = is_silent;
            if is_news && sender.send(answer).is_err() || is_last {
                return;
            }
        }
    });
    receiver
}

fn ask(clients: &Clients, id: &JobId) -> Answer {
    let seen = match look(clients, &Whose::These(vec![id.clone()]), None) {
        Ok(seen) => seen,
        Err(fault) => return Answer::Silent(fault.to_string()),
    };
    let found = super::choose(id, &seen.jobs).filter(|job| !job.state.is_over());
    if let Some(job) = found {
        return Answer::Is(Box::new(job));
    }
    // It is over: how it ended, accounting or the controller says.
    match status::find(clients, std::slice::from_ref(id)) {
        Ok(found) => {
            let jobs = found.into_iter().next().map(|(_, found)| found.jobs);
            match super::choose(id, &jobs.unwrap_or_default()) {
                Some(job) => Answer::Is(Box::new(job)),
                None => Answer::Gone,
            }
        }
        Err(fault) => Answer::Silent(fault.to_string()),
    }
}
