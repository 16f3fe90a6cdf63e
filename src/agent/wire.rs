//! Messages on stdin and stdout, one a line. What cannot be read is answered, never
//! passed over in silence: a client that waits for an answer would wait for ever.

use std::io;
use std::sync::Arc;

use rmcp::RoleServer;
use rmcp::model::{ClientJsonRpcMessage, ErrorData, RequestId, ServerJsonRpcMessage};
use rmcp::transport::{StdioReader, StdioWriter, Transport, stdio_pipes};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::frame::Scan;

/// Longer messages are not read. The largest line that is judged is far below.
const LONGEST: usize = 16 * 1024 * 1024;
/// A buffer that a large message has made larger is given back.
const ROOMY: usize = 256 * 1024;

/// Both directions.
pub(super) struct Wire {
    read: BufReader<StdioReader>,
    line: Vec<u8>,
    /// Set while the rest of a message that is too long goes by.
    overlong: Option<Scan>,
    /// An answer that must be written before anything else is read.
    owed: Option<ServerJsonRpcMessage>,
    write: Arc<Mutex<Option<StdioWriter>>>,
    stop: CancellationToken,
}

enum Line {
    Whole,
    Overlong(Option<Value>),
    End,
}

impl Wire {
    /// Returns the wire on this process's stdin and stdout. `stop` is cancelled when
    /// nobody reads the answers any more.
    pub(super) fn stdio(stop: CancellationToken) -> Self {
        let (read, write) = stdio_pipes();
        Self {
            read: BufReader::with_capacity(64 * 1024, read),
            line: Vec::new(),
            overlong: None,
            owed: None,
            write: Arc::new(Mutex::new(Some(write))),
            stop,
        }
    }

    /// Reads to the end of a line. A read that is given up half-way loses nothing.
    async fn read_line(&mut self) -> Line {
        loop {
            let available = match self.read.fill_buf().await {
                Ok([]) | Err(_) => return Line::End,
                Ok(available) => available,
            };
            let end = available.iter().position(|byte| *byte == b'\n');
            let piece = available
                .get(..end.unwrap_or(available.len()))
                .unwrap_or_default();
            if let Some(scan) = &mut self.overlong {
                scan.read(piece);
            } else if self.line.len() + piece.len() > LONGEST {
                let mut scan = Scan::default();
                scan.read(&self.line);
                scan.read(piece);
                self.line = Vec::new();
                self.overlong = Some(scan);
            } else {
                self.line.extend_from_slice(piece);
            }
            let used = piece.len() + usize::from(end.is_some());
            self.read.consume(used);
            if end.is_some() {
                return match self.overlong.take() {
                    Some(scan) => Line::Overlong(scan.id()),
                    None => Line::Whole,
                };
            }
        }
    }
}

impl Transport<RoleServer> for Wire {
    type Error = io::Error;

    fn send(
        &mut self,
        message: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        send(Arc::clone(&self.write), self.stop.clone(), message)
    }

    async fn receive(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            if let Some(message) = &self.owed {
                send(Arc::clone(&self.write), self.stop.clone(), message.clone())
                    .await
                    .ok()?;
                self.owed = None;
            }
            match self.read_line().await {
                Line::End => return None,
                Line::Overlong(id) => self.owed = Some(too_long(id)),
                Line::Whole => {
                    let read = read(&self.line);
                    self.line.clear();
                    if self.line.capacity() > ROOMY {
                        self.line = Vec::new();
                    }
                    match read {
                        Ok(Some(message)) => return Some(message),
                        Ok(None) => {}
                        Err(answer) => self.owed = Some(answer),
                    }
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        self.write.lock().await.take();
        Ok(())
    }
}

async fn send(
    write: Arc<Mutex<Option<StdioWriter>>>,
    stop: CancellationToken,
    message: ServerJsonRpcMessage,
) -> io::Result<()> {
    let mut text = serde_json::to_vec(&message)?;
    text.push(b'\n');
    let mut write = write.lock().await;
    let Some(out) = write.as_mut() else {
        return Err(io::ErrorKind::NotConnected.into());
    };
    let written = async {
        out.write_all(&text).await?;
        out.flush().await
    };
    let written = written.await;
    if written.is_err() {
        stop.cancel();
    }
    written
}

/// Reads one message; `None` where there is nothing to answer, an error where there is.
#[allow(
    clippy::result_large_err,
    reason = "the error is the answer that is sent"
)]
fn read(line: &[u8]) -> Result<Option<ClientJsonRpcMessage>, ServerJsonRpcMessage> {
    let line = line
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(line)
        .trim_ascii();
    if line.is_empty() {
        return Ok(None);
    }
    let fault = match serde_json::from_slice(line) {
        Ok(message) => return Ok(Some(message)),
        Err(fault) => fault,
    };
    let value: Value = match serde_json::from_slice(line) {
        Ok(value) => value,
        Err(fault) => {
            let said = format!("this is no JSON: {fault}");
            return Err(error(ErrorData::parse_error(said, None), None));
        }
    };
    if value.is_array() {
        let said = "batches are not part of the protocol: send one message a line";
        return Err(error(ErrorData::invalid_request(said, None), None));
    }
    let id = value.get("id").cloned();
    let fault = match (&id, value.get("method").and_then(Value::as_str)) {
        // A notification that is not known here; nobody waits for an answer.
        (None, Some(_)) => return Ok(None),
        (Some(_), Some(method)) => {
            let said = format!("the parameters of `{method}` are not as the protocol has them");
            ErrorData::invalid_params(said, None)
        }
        (_, None) => {
            let said = format!("this is no message of the protocol: {fault}");
            ErrorData::invalid_request(said, None)
        }
    };
    Err(error(fault, id))
}

fn too_long(id: Option<Value>) -> ServerJsonRpcMessage {
    let said = format!("the message is longer than {LONGEST} bytes, and was not read");
    error(ErrorData::invalid_request(said, None), id)
}

fn error(error: ErrorData, id: Option<Value>) -> ServerJsonRpcMessage {
    let id = id.and_then(|id| serde_json::from_value::<RequestId>(id).ok());
    ServerJsonRpcMessage::error(error, id)
}
