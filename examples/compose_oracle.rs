//! Answers composition questions, one JSON object a line, so that the answers can be compared
//! with Hydra's own: `{"id", "op", …}` in, `{"id", "ok", …}` out.

mod oracle {
    //! The operations, one file each.
    pub(crate) mod code;
    pub(crate) mod compositions;
    pub(crate) mod overriding;
    pub(crate) mod values;
}

use std::io::{self, BufRead, Write};

use hlrp_sh::compose::node::Error;
use serde_json::Value as Json;

use oracle::{code, compositions, overriding, values};

/// What an operation answers: the members of its object, or its error's class and message.
pub(crate) type Answer = Result<Vec<(&'static str, String)>, (String, String)>;

fn main() -> io::Result<()> {
    let stdin = io::stdin().lock();
    let mut stdout = io::stdout().lock();
    for line in stdin.lines() {
        let line = line?;
        let Ok(question) = serde_json::from_str::<Json>(&line) else {
            continue;
        };
        writeln!(stdout, "{}", answered(&question, &line))?;
    }
    stdout.flush()
}

/// Dispatches on `op`.
fn answered(question: &Json, line: &str) -> String {
    let id = question.get("id").unwrap_or(&Json::Null);
    let answer = match question
        .get("op")
        .and_then(Json::as_str)
        .unwrap_or("compose")
    {
        "compose" => compositions::compose(question),
        "override" => overriding::parse(question),
        "yaml" => values::yaml(question),
        "resolve" => values::resolve(question, line),
        "dump" => values::dump(line),
        op => Err((
            "NotImplemented".to_owned(),
            format!("there is no `{op}` here"),
        )),
    };
    match answer {
        Ok(members) => {
            let members: String = members
                .iter()
                .map(|(name, value)| format!(",\"{name}\":{value}"))
                .collect();
            format!("{{\"id\":{id},\"ok\":true{members}}}")
        }
        Err((class, message)) => {
            let (class, message) = (code::text(&class), code::text(&message));
            let error = format!("{{\"class\":{class},\"msg\":{message}}}");
            format!("{{\"id\":{id},\"ok\":false,\"error\":{error}}}")
        }
    }
}

/// An error of a configuration's values, as the comparison wants it.
pub(crate) fn refused(error: &Error) -> (String, String) {
    (error.class().to_string(), error.to_string())
}
