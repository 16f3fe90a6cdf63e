//! Compiles one rule: fills in lists and thresholds, and checks what it says.

use super::build::DraftRule;
use super::condition::{Condition, LazyRegex};
use super::document::{ConditionText, Many, RuleText};
use super::limit::{Limit, Limits};
use super::lists::Lists;
use super::load::{Fault, Step};
use super::pattern::{NameSet, PathSet};
use super::rule::{Phrase, Rule};

/// What rules are compiled against.
pub(crate) struct Compiler<'a> {
    pub(crate) lists: &'a mut Lists,
    pub(crate) limits: &'a Limits,
    /// Whether the base has been found right by the tests.
    pub(crate) is_tried: bool,
}

impl Compiler<'_> {
    pub(crate) fn rule(&mut self, draft: DraftRule) -> Result<Rule, Fault> {
        let DraftRule { text, layer, .. } = draft;
        let is_cited = text.cited == Some(true);
        check_id(&text)?;
        let decision = text.decision.ok_or_else(|| missing("decision"))?;
        let because = text.because.as_deref().ok_or_else(|| missing("because"))?;
        if text.on.is_none() && !is_cited {
            return Err(missing("on").hint("name the kinds of action, or `any`"));
        }
        // The built-in law's expressions are tried out by its tests.
        let is_eager = layer > 0 || !self.is_tried;
        Ok(Rule {
            id: text.id.as_str().into(),
            kinds: text.on.as_ref().map_or_else(Vec::new, |on| on.0.clone()),
            when: self.conditions("when", text.when.as_ref(), is_eager)?,
            unless: self.conditions("unless", text.unless.as_ref(), is_eager)?,
            decision,
            because: self.phrase("because", because)?,
            instead: self.phrase("instead", text.instead.as_deref().unwrap_or_default())?,
            text,
            layer,
        })
    }

    fn conditions(
        &mut self,
        key: &str,
        texts: Option<&Many<ConditionText>>,
        is_eager: bool,
    ) -> Result<Vec<Condition>, Fault> {
        texts
            .map_or(&[][..], |many| &many.0)
            .iter()
            .enumerate()
            .map(|(number, text)| {
                self.condition(text, is_eager).map_err(|mut fault| {
                    fault
                        .steps
                        .splice(0..0, [Step::key(key), Step::Item(number)]);
                    fault
                })
            })
            .collect()
    }

    fn condition(&mut self, text: &ConditionText, is_eager: bool) -> Result<Condition, Fault> {
        let at = |key: &'static str| move |fault: String| Fault::new(fault).at([Step::key(key)]);
        let lists = &mut *self.lists;
        let mut paths = |words: &Option<Many<String>>, key| {
            let compiled = words.as_ref().map(|words| lists.paths(&words.0, is_eager));
            compiled.transpose().map_err(at(key))
        };
        let (name, covers) = (paths(&text.name, "name")?, paths(&text.covers, "covers")?);
        let socket = paths(&text.socket, "socket")?;
        let mut names = |words: &Option<Many<String>>, key| {
            let compiled = words.as_ref().map(|words| lists.programs(&words.0));
            compiled.transpose().map_err(at(key))
        };
        let (program, actor) = (
            names(&text.program, "program")?,
            names(&text.actor, "actor")?,
        );
        let (sockets, host) = (names(&text.socket, "socket")?, names(&text.host, "host")?);
        let args = text.args.clone().map(LazyRegex::new);
        if let Some(fault) = args
            .as_ref()
            .filter(|_| is_eager)
            .and_then(LazyRegex::fault)
        {
            return Err(at("args")(fault));
        }
        Ok(Condition {
            ports: self.ports(text.port.as_ref()).map_err(at("port"))?,
            entries_above: self.threshold(text.entries_above.as_deref())?,
            text: text.clone(),
            name,
            covers,
            socket,
            sockets,
            program,
            actor,
            host,
            args,
        })
    }

    fn ports(&self, words: Option<&Many<String>>) -> Result<Option<Vec<u16>>, String> {
        let Some(Many(words)) = words else {
            return Ok(None);
        };
        let parse = |text: &String| {
            text.parse()
                .map_err(|_| format!("`{text}` is no port number"))
        };
        let texts = self.lists.expand(words)?;
        texts.iter().map(parse).collect::<Result<_, _>>().map(Some)
    }

    fn threshold(&self, key: Option<&str>) -> Result<Option<u64>, Fault> {
        let Some(key) = key else {
            return Ok(None);
        };
        Limit::by_key(key)
            .and_then(|limit| self.limits.value(limit))
            .map(Some)
            .ok_or_else(|| {
                Fault::new(format!("there is no threshold `{key}`"))
                    .at([Step::key("entries_above")])
            })
    }

    /// Fills thresholds into a text and refuses words in braces that nothing fills.
    fn phrase(&self, key: &'static str, text: &str) -> Result<Phrase, Fault> {
        if !text.contains('{') {
            return Ok(Phrase::new(text));
        }
        let mut filled = String::with_capacity(text.len());
        for piece in text.split_inclusive('}') {
            let Some((before, word)) = piece
                .strip_suffix('}')
                .and_then(|open| open.rsplit_once('{'))
            else {
                filled.push_str(piece);
                continue;
            };
            filled.push_str(before);
            let limit = Limit::by_key(word);
            match limit.and_then(|limit| Some(limit.display(self.limits.value(limit)?))) {
                Some(value) => filled.push_str(&value),
                None if Phrase::WORDS.contains(&word) => {
                    filled.push('{');
                    filled.push_str(word);
                    filled.push('}');
                }
                None => {
                    let words = Phrase::WORDS.join(", ");
                    return Err(Fault::new(format!("nothing fills `{{{word}}}`"))
                        .hint(format!("the words are {words}, and the keys of thresholds"))
                        .at([Step::key(key)]));
                }
            }
        }
        Ok(Phrase::new(&filled))
    }
}

/// Tries every entry of a list as a pattern, so that a bad one is found where it stands.
pub(crate) fn check_entries(table: &str, name: &str, entries: &[String]) -> Result<(), Fault> {
    for (number, entry) in entries.iter().enumerate() {
        if name == GIT_HOSTS && !is_host(entry) {
            return Err(Fault::new(format!("`{entry}` is no host's exact name"))
                .hint("git's own commands go there without a guard, so each host stands here by itself: `gitlab.example.org`")
                .at([Step::key(table), Step::key(name), Step::Item(number)]));
        }
        if entry.contains(['[', '*', '.']) {
            let text = [entry.as_str()];
            PathSet::compile(text.into_iter())
                .map(drop)
                .and_then(|()| NameSet::compile(text.into_iter()).map(drop))
                .map_err(|fault| {
                    Fault::new(fault).at([Step::key(table), Step::key(name), Step::Item(number)])
                })?;
        }
    }
    Ok(())
}

/// The list whose entries are hosts, not patterns.
const GIT_HOSTS: &str = "git_hosts";

/// Whether a name is a host's in full: no pattern, no user, no port, no address of this machine.
fn is_host(name: &str) -> bool {
    let is_fit = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-');
    name.chars().all(is_fit) && name.split('.').all(is_label) && name != "localhost"
}

fn missing(key: &str) -> Fault {
    Fault::new(format!("`{key}` is missing")).at([Step::key("id")])
}

fn check_id(text: &RuleText) -> Result<(), Fault> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    match text.id.split_once('.') {
        Some((area, what)) if is_word(area) && is_word(what) => Ok(()),
        _ => Err(Fault::new(format!("`{}` is no rule id", text.id))
            .hint("an id is `area.what`, lower case, with hyphens")
            .at([Step::key("id")])),
    }
}
