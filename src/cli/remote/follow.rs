//! A job's log on another machine.

use crate::error::Error;
use crate::remote::Connection;

use super::{Reach, has_terminal};

pub(super) fn run(
    reach: &Reach<'_>,
    connection: &Connection,
    asked: &[String],
) -> Result<u8, Error> {
    reach.pass(connection, asked, has_terminal())
}
