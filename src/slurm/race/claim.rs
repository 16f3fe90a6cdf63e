//! The claim: which job of a race trains, decided by link(2) on the shared file system.
//!
//! A job writes a file of its own and links it to the name `claim`. Who gets the name has the
//! run, through all its requeues; nobody ever removes it.
//!
//! INVARIANT: at most one job is ever told that the run is its own. Whatever cannot be told for
//! certain is an error, and whoever meets one does not train.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The directory of a race's story, below its run directory.
pub const DIRECTORY: &str = "race";
/// Where runs are claimed, below a root: among what is the guard's own, so that no session writes there.
const CLAIMS: &str = ".hlrp/races";
/// The name that is raced for.
const NAME: &str = "claim";
/// What happened, a line each.
const STORY: &str = "story.txt";
/// A claim is one short line; more is none.
const LONGEST: u64 = 1024;
/// Names tried for a file of one's own.
const TRIES: u32 = 100;

/// A job, as it signs a claim.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Racer {
    /// Which member of the race.
    pub member: u32,
    /// Its job.
    pub job: u64,
    /// How often it was queued again.
    pub restarts: u32,
    /// Where it runs.
    pub host: String,
}

/// Whose the run is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// The caller's. `again`: since before it was queued again.
    Own {
        /// Whether it had it already.
        again: bool,
    },
    /// Another job's.
    Lost(Racer),
}

/// A file of a job's own that has not been linked yet.
#[derive(Debug)]
pub struct Attempt {
    place: PathBuf,
    own: PathBuf,
    racer: Racer,
}

/// Claims the run for a job.
///
/// # Errors
/// Where the file system does not say whose it is: the job must not train then.
pub fn take(place: &Path, racer: &Racer) -> io::Result<Standing> {
    let attempt = Attempt::write(place, racer)?;
    let linked = attempt.link();
    attempt.settle(linked)
}

impl Attempt {
    /// Writes the job's own file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(place: &Path, racer: &Racer) -> io::Result<Self> {
        let stem = format!("{NAME}.{}.{}.{}", racer.member, racer.job, racer.restarts);
        let mut last = io::Error::from(io::ErrorKind::AlreadyExists);
        for number in 1..=TRIES {
            let own = match number {
                1 => place.join(&stem),
                number => place.join(format!("{stem}-{number}")),
            };
            match File::create_new(&own) {
                Ok(mut file) => {
                    file.write_all(format!("{racer}\n").as_bytes())?;
                    file.sync_all()?;
                    return Ok(Self {
                        place: place.to_owned(),
                        own,
                        racer: racer.clone(),
                    });
                }
                Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => last = fault,
                Err(fault) => return Err(fault),
            }
        }
        Err(last)
    }

    /// Links it to the name that is raced for.
    ///
    /// # Errors
    /// What `link(2)` says; that the name is taken is [`io::ErrorKind::AlreadyExists`].
    pub fn link(&self) -> io::Result<()> {
        fs::hard_link(&self.own, self.place.join(NAME))
    }

    /// Finds out whose the run is, whatever linking said: over a network its answer may be lost.
    ///
    /// # Errors
    /// Where nothing says whose it is.
    pub fn settle(&self, linked: io::Result<()>) -> io::Result<Standing> {
        let fault = match linked {
            Ok(()) => {
                // So that a crash of the file system's host does not give it to another.
                let _ = File::open(&self.place).and_then(|directory| directory.sync_all());
                return Ok(Standing::Own { again: false });
            }
            Err(fault) => fault,
        };
        match owner(&self.place)? {
            Some(owner) if owner == self.racer => Ok(Standing::Own { again: false }),
            Some(owner) if owner.is(&self.racer) => Ok(Standing::Own { again: true }),
            Some(owner) => Ok(Standing::Lost(owner)),
            None => Err(fault),
        }
    }
}

/// Returns who has the run; `None` while nobody has.
///
/// # Errors
/// Where the claim cannot be read, or is none.
pub fn owner(place: &Path) -> io::Result<Option<Racer>> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
        .open(place.join(NAME));
    let file = match file {
        Ok(file) => file,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(fault) => return Err(fault),
    };
    // A claim is a second name of the file that its job wrote. A session can make one name there, by exclusive
    // creation, and no second one.
    let about = file.metadata()?;
    let own = nix::unistd::Uid::effective().as_raw();
    if !about.is_file() || about.uid() != own || about.nlink() < 2 {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the claim was made by nobody who may",
        ));
    }
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text)?;
    let unread = || io::Error::new(io::ErrorKind::InvalidData, "the claim is no claim");
    Racer::read(&text).map(Some).ok_or_else(unread)
}

/// Returns the root that holds a run, and where below it the run of a race is claimed.
///
/// Every job of the race has to be asked with the same roots: those that were handed over with it.
pub fn place<'r>(roots: &'r [PathBuf], run: &Path, id: &str) -> Option<(&'r Path, PathBuf)> {
    let holding = roots.iter().filter(|root| run.starts_with(root));
    let root = holding.max_by_key(|root| root.as_os_str().len())?;
    let is_name = !id.is_empty() && !id.starts_with('.') && !id.contains('/');
    is_name.then(|| (root.as_path(), root.join(CLAIMS).join(id)))
}

/// Makes the place of a claim, where no job of the race has.
///
/// # Errors
/// What `mkdir(2)` says.
pub fn open(place: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(place)
}

/// Makes the directory of a race, and tries what it depends on.
///
/// # Errors
/// Where the file system has no links.
pub fn prepare(run: &Path) -> io::Result<PathBuf> {
    let place = run.join(DIRECTORY);
    fs::create_dir(&place)?;
    let (first, second) = (place.join("probe"), place.join("probe.link"));
    File::create_new(&first)?;
    fs::hard_link(&first, &second)?;
    match fs::hard_link(&first, &second) {
        Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => Ok(place),
        Err(fault) => Err(fault),
        Ok(()) => Err(io::Error::other(
            "a name can be linked twice here: no race can be decided on this file system",
        )),
    }
}

/// Adds a line to what happened. That it cannot changes nothing.
pub fn tell(place: &Path, who: &str, what: &str) {
    let line = format!("{} {who}: {what}\n", jiff::Timestamp::now());
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
        .open(place.join(STORY));
    let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
}

impl Racer {
    /// Returns whether it is the same job, whatever its requeues.
    pub fn is(&self, other: &Self) -> bool {
        (self.member, self.job) == (other.member, other.job)
    }

    fn read(text: &str) -> Option<Self> {
        let line = text.strip_suffix('\n')?;
        let mut words = line.split(' ');
        let racer = Self {
            member: words.next()?.parse().ok()?,
            job: words.next()?.parse().ok()?,
            restarts: words.next()?.parse().ok()?,
            host: words.next()?.to_owned(),
        };
        (words.next().is_none() && racer.to_string() == line).then_some(racer)
    }
}

impl fmt::Display for Racer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host: String = self.host.chars().filter(|c| c.is_ascii_graphic()).collect();
        let (member, job, restarts) = (self.member, self.job, self.restarts);
        write!(f, "{member} {job} {restarts} {host}")
    }
}
