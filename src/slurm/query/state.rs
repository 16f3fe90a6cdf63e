//! What Slurm says a job is doing.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// A job's state, as all versions of Slurm name it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum State {
    /// One of Slurm's own.
    Known(Known),
    /// A word that this program does not know, from a newer Slurm.
    Other(String),
}

/// What a state means for whoever waits for the job.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It has not begun, or begins again.
    Waiting,
    /// It runs, or has resources and stands still.
    Running,
    /// It is over but for the tidying up.
    Ending,
    /// It is over and went well.
    Done,
    /// It is over because somebody wanted so.
    Cancelled,
    /// It is over and did not go well.
    Failed,
    /// Nobody knows.
    Unknown,
}

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident $long:literal $short:literal $phase:ident,)*) => {
        /// The states that Slurm has, flags among them.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Known {
            $($(#[$doc])* $name,)*
        }

        impl Known {
            /// Returns all of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Returns Slurm's word for it.
            pub fn long(self) -> &'static str {
                match self { $(Self::$name => $long,)* }
            }

            /// Returns Slurm's abbreviation of it.
            pub fn short(self) -> &'static str {
                match self { $(Self::$name => $short,)* }
            }

            fn phase(self) -> Phase {
                match self { $(Self::$name => Phase::$phase,)* }
            }
        }
    };
}

states! {
    /// Could not be started, its node did not come up.
    BootFail "BOOT_FAIL" "BF" Failed,
    /// Somebody, or a limit, took it away.
    Cancelled "CANCELLED" "CA" Cancelled,
    /// It went well.
    Completed "COMPLETED" "CD" Done,
    /// Its processes are being ended.
    Completing "COMPLETING" "CG" Ending,
    /// Its nodes are being made ready.
    Configuring "CONFIGURING" "CF" Running,
    /// It could not be done before its deadline.
    Deadline "DEADLINE" "DL" Failed,
    /// It ended with a status other than 0.
    Failed "FAILED" "F" Failed,
    /// It could not be launched.
    LaunchFailed "LAUNCH_FAILED" "LF" Failed,
    /// A node of it died.
    NodeFail "NODE_FAIL" "NF" Failed,
    /// It wanted more memory than it had.
    OutOfMemory "OUT_OF_MEMORY" "OOM" Failed,
    /// It waits.
    Pending "PENDING" "PD" Waiting,
    /// Its nodes are being switched on.
    PowerUpNode "POWER_UP_NODE" "PU" Running,
    /// Another job took its place.
    Preempted "PREEMPTED" "PR" Failed,
    /// Its nodes could not be made ready.
    ReconfigFail "RECONFIG_FAIL" "RG" Failed,
    /// It goes back to the queue.
    Requeued "REQUEUED" "RQ" Waiting,
    /// It goes back to the queue of a federation.
    RequeueFed "REQUEUE_FED" "RF" Waiting,
    /// It is back in the queue, and held.
    RequeueHold "REQUEUE_HOLD" "RH" Waiting,
    /// Its size is changing.
    Resizing "RESIZING" "RS" Running,
    /// It is held because its reservation went away.
    ReservationGone "RESV_DEL_HOLD" "RD" Waiting,
    /// Another cluster of a federation has it.
    Revoked "REVOKED" "RV" Cancelled,
    /// It runs.
    Running "RUNNING" "R" Running,
    /// A signal is on its way to it.
    Signaling "SIGNALING" "SI" Running,
    /// It ended in a way that its site treats apart, and is held.
    SpecialExit "SPECIAL_EXIT" "SE" Waiting,
    /// Its files are being copied out.
    StageOut "STAGE_OUT" "SO" Ending,
    /// It has its cores, and was stopped by a signal.
    Stopped "STOPPED" "ST" Running,
    /// It was interrupted, and its cores are another's.
    Suspended "SUSPENDED" "S" Running,
    /// Its time was up.
    Timeout "TIMEOUT" "TO" Failed,
    /// Its record is being changed.
    UpdateDb "UPDATE_DB" "UD" Unknown,
}

impl State {
    /// Returns the state that a word of Slurm's means, long or short. Of several
    /// (`CANCELLED,COMPLETING`, as newer versions write) a flag that says more counts.
    pub fn read(text: &str) -> Self {
        let mut words = text.split([',', '+']).map(str::trim);
        let first = Self::word(words.next().unwrap_or_default());
        match words.map(Self::word).find(|state| {
            matches!(
                state,
                Self::Known(Known::Completing | Known::Configuring | Known::Requeued)
            )
        }) {
            Some(flag) => flag,
            None => first,
        }
    }

    fn word(text: &str) -> Self {
        // 22.05 cuts the abbreviation of OUT_OF_MEMORY to the two columns of `%t`.
        let known = Known::ALL.iter().find(|known| {
            known.long().eq_ignore_ascii_case(text) || known.short().eq_ignore_ascii_case(text)
        });
        match known {
            Some(known) => Self::Known(*known),
            None if text.eq_ignore_ascii_case("OO") => Self::Known(Known::OutOfMemory),
            None => Self::Other(text.to_owned()),
        }
    }

    /// Returns Slurm's word for it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(known) => known.long(),
            Self::Other(word) => word,
        }
    }

    /// Returns what it means for whoever waits.
    pub fn phase(&self) -> Phase {
        match self {
            Self::Known(known) => known.phase(),
            Self::Other(_) => Phase::Unknown,
        }
    }

    /// Returns whether nothing of the job will run any more.
    pub fn is_over(&self) -> bool {
        match self.phase() {
            Phase::Done | Phase::Cancelled | Phase::Failed => true,
            Phase::Waiting | Phase::Running | Phase::Ending | Phase::Unknown => false,
        }
    }

    /// Returns whether it waits for its turn.
    pub fn is_waiting(&self) -> bool {
        self.phase() == Phase::Waiting
    }

    /// Returns whether it has resources and runs.
    pub fn is_running(&self) -> bool {
        self.phase() == Phase::Running
    }
}

impl From<Known> for State {
    fn from(known: Known) -> Self {
        Self::Known(known)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Returns the state in accounting's words, and who cancelled it: `CANCELLED by 1001`.
pub fn accounted(text: &str) -> (State, Option<u32>) {
    match text.split_once(" by ") {
        Some((state, by)) => (State::read(state), super::id::digits(by.trim())),
        None => (State::read(text.trim()), None),
    }
}
