//! One look at the queue after another, with what accounting and the controller add.

use std::time::{Duration, Instant};

use super::{Accounting, Job, Look, Phase, Whose, detail, look, merge};
use crate::audit::Timestamp;
use crate::slurm::client::{Clients, Error};

/// Accounting is asked no more often; the queue knows what ended within the last minutes.
const ACCOUNTING: Duration = Duration::from_secs(30);
/// What ended so long ago is not shown any more.
const LATELY: Duration = Duration::from_secs(86_400);
/// The controller is asked about so many jobs at one look.
const ASKED: usize = 5;

/// Looks at the queue each time, at accounting now and then.
pub(crate) struct Looks {
    clients: Clients,
    asked: Option<Instant>,
    /// What accounting said ended lately.
    ended: Vec<Job>,
    accounting: Option<Accounting>,
}

impl Looks {
    /// Returns looks at one's own jobs.
    pub(crate) fn new(clients: Clients) -> Self {
        Self {
            clients,
            asked: None,
            ended: Vec::new(),
            accounting: None,
        }
    }

    /// Looks once more.
    pub(crate) fn next_look(&mut self) -> Result<Look, Error> {
        let is_due = self.asked.is_none_or(|asked| asked.elapsed() >= ACCOUNTING);
        let since = Timestamp::ago(LATELY);
        let mut found = look(&self.clients, &Whose::mine(), is_due.then_some(&since))?;
        if is_due {
            self.asked = Some(Instant::now());
            self.accounting = Some(found.accounting.clone());
            let ended = found.jobs.iter().filter(|job| job.state.is_over());
            self.ended = ended.cloned().collect();
        } else {
            found.jobs = merge(found.jobs, Vec::new(), self.ended.clone());
            if let Some(accounting) = &self.accounting {
                found.accounting = accounting.clone();
            }
        }
        self.ask_how(&mut found.jobs);
        Ok(found)
    }

    /// Asks the controller how jobs failed of which accounting does not know yet.
    fn ask_how(&mut self, jobs: &mut [Job]) {
        let is_open = |job: &&mut Job| job.state.phase() == Phase::Failed && job.exit.is_none();
        for job in jobs.iter_mut().filter(is_open).take(ASKED) {
            let details = detail(&self.clients, &job.id).unwrap_or_default();
            let detail = details.into_iter().find(|detail| detail.job.id == job.id);
            job.exit = detail.and_then(|detail| detail.job.exit);
            self.ended.push(job.clone());
        }
    }
}
