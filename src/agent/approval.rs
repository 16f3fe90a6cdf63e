//! Questions to the person behind an agent. Older clients are asked while the call
//! waits; newer ones get the question as the answer, and call again with the person's word.
//!
//! INVARIANT: a yes holds for exactly what was asked: the same line, place and findings, in this
//! session, once, and soon. The ticket that says so goes through the client's hands, so it is sealed.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use rmcp::RoleServer;
use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ElicitRequest, ElicitRequestParams, ElicitResult,
    ElicitationAction, ElicitationSchema, InputRequest, InputRequests, InputRequiredResult,
    ProtocolVersion,
};
use rmcp::service::RequestContext;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::gate::Judgement;
use crate::ui::{Denial, clean};

/// For so long a person may think.
const PATIENCE: Duration = Duration::from_secs(300);
/// Questions that may be open at once.
const MOST: usize = 32;
/// The name of the one question, and of the one field of its answer.
const QUESTION: &str = "approval";
const FIELD: &str = "proceed";

/// What the person said.
#[derive(Debug)]
pub(super) enum Word {
    /// It may happen.
    Yes,
    /// It may not.
    No,
    /// There was nobody to ask, and why.
    Nobody(&'static str),
    /// The client is to ask, and to call again.
    Later(Box<InputRequiredResult>),
}

/// The questions of one session that wait for an answer.
#[derive(Debug)]
pub(super) struct Approvals {
    key: [u8; 32],
    open: Mutex<HashMap<[u8; 16], Instant>>,
}

impl Approvals {
    pub(super) fn new() -> Self {
        Self {
            key: random(),
            open: Mutex::new(HashMap::new()),
        }
    }

    /// Asks about everything in a judgement that must be asked about, in one question.
    pub(super) async fn ask(
        &self,
        judgement: &Judgement,
        binding: &[u8; 32],
        call: &CallToolRequestParams,
        context: &RequestContext<RoleServer>,
    ) -> Word {
        if let Some(ticket) = &call.request_state {
            let answer = call
                .input_responses
                .as_ref()
                .and_then(|all| all.get(QUESTION));
            return match self.redeem(ticket, binding) {
                Ok(()) => said(answer),
                Err(why) => Word::Nobody(why),
            };
        }
        if !can_ask(context.client_capabilities().as_ref()) {
            return Word::Nobody("this client cannot put a question to a person (no elicitation)");
        }
        let is_new = context
            .protocol_version()
            .is_some_and(|version| version.as_str() >= ProtocolVersion::V_2026_07_28.as_str());
        let Some(form) = form(&question(judgement)) else {
            return Word::Nobody("the question could not be put");
        };
        if is_new {
            let mut requests = InputRequests::new();
            let request = InputRequest::Elicitation(ElicitRequest::new(form));
            requests.insert(QUESTION.to_owned(), request);
            let ticket = self.issue(binding);
            return Word::Later(Box::new(InputRequiredResult::new(
                Some(requests),
                Some(ticket),
            )));
        }
        let asked = context
            .peer
            .create_elicitation_with_timeout(form, Some(PATIENCE));
        tokio::select! {
            answer = asked => match answer {
                Ok(answer) => of_result(&answer),
                Err(_) => Word::Nobody("the client did not bring an answer"),
            },
            () = context.ct.cancelled() => Word::Nobody("the call was cancelled"),
        }
    }

    /// Makes the ticket for a question.
    fn issue(&self, binding: &[u8; 32]) -> String {
        let nonce: [u8; 16] = random();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        open.retain(|_, until| *until > now);
        if open.len() >= MOST
            && let Some(oldest) = open.iter().min_by_key(|(_, until)| **until)
        {
            let oldest = *oldest.0;
            open.remove(&oldest);
        }
        open.insert(nonce, now + PATIENCE);
        let seal = self.seal(&nonce, binding).finalize().into_bytes();
        format!("{}.{}", hex(&nonce), hex(&seal))
    }

    /// Takes a ticket back, once.
    fn redeem(&self, ticket: &str, binding: &[u8; 32]) -> Result<(), &'static str> {
        const FORGED: &str =
            "the request state is not one that was given for this line here and now";
        let parts = ticket.split_once('.');
        let (nonce, seal) = parts.ok_or(FORGED)?;
        let nonce: [u8; 16] = unhex(nonce)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(FORGED)?;
        let seal = unhex(seal).ok_or(FORGED)?;
        self.seal(&nonce, binding)
            .verify_slice(&seal)
            .map_err(|_| FORGED)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.remove(&nonce) {
            Some(until) if until > Instant::now() => Ok(()),
            Some(_) => {
                Err("the question was asked too long ago; call again without the request state")
            }
            None => Err("this request state has been used; call again without it"),
        }
    }

    #[allow(clippy::expect_used, reason = "HMAC takes a key of any length")]
    fn seal(&self, nonce: &[u8; 16], binding: &[u8; 32]) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any length of key");
        mac.update(b"hlrp.approval/1");
        mac.update(nonce);
        mac.update(binding);
        mac
    }
}

/// Returns what a yes is bound to: what would happen, where, and why it must be asked about.
pub(super) fn binding(
    session: &str,
    directory: &std::path::Path,
    judgement: &Judgement,
) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update(bytes.len().to_le_bytes());
        hash.update(bytes);
    };
    part(session.as_bytes());
    part(directory.as_os_str().as_encoded_bytes());
    part(judgement.line.as_bytes());
    for judged in &judgement.actions {
        part(judged.verdict.rule.as_bytes());
        part(format!("{:?} {:?} {:?}", judged.span, judged.action, judged.site).as_bytes());
    }
    hash.finalize().into()
}

/// Returns whether a client can put a form to a person.
fn can_ask(client: Option<&ClientCapabilities>) -> bool {
    client
        .and_then(|client| client.elicitation.as_ref())
        .is_some_and(|asks| asks.form.is_some() || asks.url.is_none())
}

/// The question, with the facts in it.
fn question(judgement: &Judgement) -> String {
    const MOST_SHOWN: usize = 5;
    const WIDTH: usize = 400;
    let cut = |text: &str| -> String {
        let text = clean(text);
        let shown: String = text.chars().take(WIDTH).collect();
        if shown.len() < text.len() {
            format!("{shown} …")
        } else {
            shown
        }
    };
    let denials = Denial::all(judgement);
    let mut text = format!("An agent wants to run:\n\n    {}\n", cut(&judgement.line));
    for denial in denials.iter().take(MOST_SHOWN) {
        text.push_str(&format!(
            "\n{}: {}\nwhy asked: {}\n",
            denial.rule,
            cut(&denial.what),
            cut(&denial.because)
        ));
        if !denial.instead.is_empty() {
            text.push_str(&format!("instead: {}\n", cut(&denial.instead)));
        }
    }
    if denials.len() > MOST_SHOWN {
        text.push_str(&format!("\nand {} more\n", denials.len() - MOST_SHOWN));
    }
    text.push_str("\nGo ahead?");
    text
}

fn form(question: &str) -> Option<ElicitRequestParams> {
    let schema = ElicitationSchema::builder()
        .required_bool_with(FIELD, |field| {
            field
                .title("Go ahead?")
                .description("Yes lets it happen, once.")
                .with_default(false)
        })
        .build()
        .ok()?;
    Some(ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: question.to_owned(),
        requested_schema: schema,
    })
}

fn said(answer: Option<&Value>) -> Word {
    match answer.map(|value| serde_json::from_value::<ElicitResult>(value.clone())) {
        Some(Ok(result)) => of_result(&result),
        Some(Err(_)) | None => Word::Nobody("the client brought no answer to the question"),
    }
}

/// Only a yes in so many words is one.
fn of_result(result: &ElicitResult) -> Word {
    let content = result.content.as_ref();
    let proceeds = content.and_then(|content| content.get(FIELD)) == Some(&Value::Bool(true));
    match result.action {
        ElicitationAction::Accept if proceeds => Word::Yes,
        _ => Word::No,
    }
}

/// Returns bytes that nobody can guess. Without them every ticket is refused: the key then differs each time.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    let read = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    if read.is_err() {
        let now = format!("{:?} {:p}", Instant::now(), &raw const bytes);
        let hash = Sha256::digest(now.as_bytes());
        bytes
            .iter_mut()
            .zip(hash)
            .for_each(|(byte, hash)| *byte = hash);
    }
    bytes
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    text.len()
        .is_multiple_of(2)
        .then(|| pairs.map(byte).collect())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_holds_once_and_for_its_line_alone() {
        let approvals = Approvals::new();
        let (line, other) = ([1; 32], [2; 32]);
        let ticket = approvals.issue(&line);
        assert!(approvals.redeem(&ticket, &other).is_err());
        assert!(approvals.redeem(&ticket, &line).is_ok());
        assert!(approvals.redeem(&ticket, &line).is_err());
        assert!(
            Approvals::new()
                .redeem(&approvals.issue(&line), &line)
                .is_err()
        );
        for forged in ["", ".", "00.00", "zz.zz", "é.é"] {
            assert!(approvals.redeem(forged, &line).is_err());
        }
    }

    #[test]
    fn only_yes_is_yes() {
        let no = |text: &str| {
            let value: Value = serde_json::from_str(text).unwrap();
            !matches!(said(Some(&value)), Word::Yes)
        };
        assert!(no(r#"{"action":"accept"}"#));
        assert!(no(r#"{"action":"accept","content":{"proceed":"true"}}"#));
        assert!(no(r#"{"action":"accept","content":{"proceed":false}}"#));
        assert!(no(r#"{"action":"decline","content":{"proceed":true}}"#));
        assert!(no(r#"{"action":"cancel"}"#));
        assert!(no("true"));
        assert!(!no(r#"{"action":"accept","content":{"proceed":true}}"#));
    }
}
