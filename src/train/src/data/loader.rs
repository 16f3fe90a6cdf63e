//! Batches, loaded ahead by threads. Their order and content depend on the position alone, never on the threads.
//!
//! INVARIANT: no more than `workers * prefetch` batches are loaded ahead, and the
//! position handed out is that after the last batch handed out.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use super::order::{Order, Position, Sample, Walk};
use super::part::Part;
use super::reader::{Reader, Shared};
use super::{Batch, Error, Request, Set, sample};

/// How batches are loaded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Spec {
    /// Samples a batch. The last of a walk that ends may have fewer.
    pub batch_size: usize,
    /// Threads that load; with 0 the caller's own does.
    pub workers: usize,
    /// How many batches a thread is ahead.
    pub prefetch: usize,
    /// How many bytes of PNGs, as they are stored, are kept in memory.
    pub keep_stored: usize,
    /// How many bytes of pictures, decoded and resized, are kept in memory.
    pub keep_decoded: usize,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            batch_size: 64,
            workers: 1,
            prefetch: 2,
            keep_stored: 1 << 30,
            keep_decoded: 0,
        }
    }
}

/// Batches of a part of the data, as an iterator. Ends after an error.
pub struct Loader {
    walk: Walk,
    batch_size: usize,
    ahead: usize,
    /// The position after each batch that is being loaded.
    positions: BTreeMap<u64, Position>,
    loaded: BTreeMap<u64, Result<Batch, Error>>,
    given: u64,
    position: Position,
    hands: Hands,
    is_over: bool,
}

/// Who loads.
enum Hands {
    Own(Box<Reader>, Job),
    Threads(Threads),
}

/// What every thread needs to know.
#[derive(Clone)]
struct Job {
    set: Set,
    request: Arc<Request>,
}

struct Threads {
    tickets: Option<Sender<Ticket>>,
    done: Option<Receiver<(u64, Result<Batch, Error>)>>,
    threads: Vec<JoinHandle<()>>,
}

type Ticket = (u64, Vec<Sample>);

impl Loader {
    /// Creates a loader of a part, from the beginning of the order or from where another was.
    ///
    /// # Errors
    ///
    /// Where no frame can answer the request, a camera asked for is in no camera map, or the position is one of other
    /// data.
    pub fn new(
        part: &Part,
        request: &Request,
        spec: &Spec,
        order: Order,
        start: Option<Position>,
    ) -> Result<Self, Error> {
        if spec.batch_size == 0 {
            return Err(Error::Config("a batch of no samples".to_owned()));
        }
        let walk = Walk::new(part, request, order, start)?;
        let job = Job {
            set: part.set().clone(),
            request: Arc::new(request.clone()),
        };
        let shared = Arc::new(Shared::new(spec.keep_stored, spec.keep_decoded));
        let hands = match spec.workers {
            0 => Hands::Own(Box::new(Reader::new(shared)), job),
            workers => Hands::Threads(Threads::start(workers, &job, &shared)?),
        };
        Ok(Self {
            position: walk.position().clone(),
            walk,
            batch_size: spec.batch_size,
            ahead: (spec.workers * spec.prefetch).max(1),
            positions: BTreeMap::new(),
            loaded: BTreeMap::new(),
            given: 0,
            hands,
            is_over: false,
        })
    }

    /// Returns the position after the last batch handed out.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// Returns how many batches are still to come, where there is an end.
    pub fn remaining(&self) -> Option<u64> {
        let waiting = self.positions.len() as u64;
        let rest = self.walk.remaining()?;
        Some(waiting + rest.div_ceil(self.batch_size as u64))
    }

    /// Gives out work up to the bound.
    fn send(&mut self) -> Result<(), Error> {
        while self.positions.len() < self.ahead {
            let samples: Vec<Sample> = self.walk.by_ref().take(self.batch_size).collect();
            if samples.is_empty() {
                break;
            }
            let number = self.given + self.positions.len() as u64;
            self.positions.insert(number, self.walk.position().clone());
            match &mut self.hands {
                Hands::Own(reader, job) => {
                    let batch = sample::batch(&job.set, &job.request, &samples, reader);
                    self.loaded.insert(number, batch);
                }
                Hands::Threads(threads) => threads.send((number, samples))?,
            }
        }
        Ok(())
    }

    fn take(&mut self) -> Result<Option<Batch>, Error> {
        self.send()?;
        let Some(position) = self.positions.remove(&self.given) else {
            return Ok(None);
        };
        let batch = loop {
            if let Some(batch) = self.loaded.remove(&self.given) {
                break batch?;
            }
            let Hands::Threads(threads) = &self.hands else {
                return Err(Error::Worker);
            };
            let done = threads.done.as_ref().ok_or(Error::Worker)?;
            let (number, batch) = done.recv().map_err(|_| Error::Worker)?;
            self.loaded.insert(number, batch);
        };
        self.given += 1;
        self.position = position;
        if matches!(self.hands, Hands::Threads(_)) {
            self.send()?;
        }
        Ok(Some(batch))
    }
}

impl Iterator for Loader {
    type Item = Result<Batch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let batch = self.take().transpose();
        self.is_over = !matches!(batch, Some(Ok(_)));
        batch
    }
}

impl Threads {
    fn start(workers: usize, job: &Job, shared: &Arc<Shared>) -> Result<Self, Error> {
        let (tickets, queue) = channel::<Ticket>();
        let (give, done) = channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut threads = Vec::with_capacity(workers);
        for number in 0..workers {
            let (queue, give, job) = (Arc::clone(&queue), give.clone(), job.clone());
            let mut reader = Reader::new(Arc::clone(shared));
            let work = move || {
                loop {
                    let ticket = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, samples)) = ticket else {
                        return;
                    };
                    // A decoder that panics ends the run with an error, not this thread with the run waiting for it.
                    let load = || sample::batch(&job.set, &job.request, &samples, &mut reader);
                    let batch = catch_unwind(AssertUnwindSafe(load));
                    let batch = batch.unwrap_or(Err(Error::Worker));
                    if give.send((number, batch)).is_err() {
                        return;
                    }
                }
            };
            let name = format!("data-{number}");
            let thread = thread::Builder::new().name(name).spawn(work);
            threads.push(thread.map_err(Error::file("a thread"))?);
        }
        Ok(Self {
            tickets: Some(tickets),
            done: Some(done),
            threads,
        })
    }

    fn send(&self, ticket: Ticket) -> Result<(), Error> {
        let tickets = self.tickets.as_ref().ok_or(Error::Worker)?;
        tickets.send(ticket).map_err(|_| Error::Worker)
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // With nobody to give to, each thread ends after the batch it is at.
        (self.tickets, self.done) = (None, None);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
