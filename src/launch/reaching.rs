//! The law's word on `ssh` inside a session: the line is judged as if it were typed, and
//! what passes runs guarded over there.

use std::path::Path;

use crate::bash::{Analysis, analyse};
use crate::broker::{Call, Carry, Refusal};
use crate::error::code;
use crate::gate::Gate;
use crate::policy::{Action, Decision, Origin, RemoteEffect};
use crate::remote::command::{self, Found, Program, Setting};
use crate::ui::Denial;

use super::room;
use super::vetting::Vetting;

/// The rule that speaks of other machines.
const RULE: &str = "remote.guarded";

impl Vetting {
    /// Judges a call of `ssh`. `control` is where connections that are open already have their sockets.
    ///
    /// # Errors
    /// Where it is denied, or `ssh` itself would refuse it.
    pub(crate) fn reach(
        &self,
        call: &Call,
        program: &Program,
        control: Option<&Path>,
    ) -> Result<Carry, Refusal> {
        let usage = |text: String| Refusal {
            rule: String::new(),
            target: "ssh".to_owned(),
            text: format!("ssh: {text}"),
            status: code::UNREACHED,
        };
        let asked = command::read(&call.args).map_err(usage)?;
        let world = self.world(&call.cwd);
        let analysis = analyse(&asked.line, &world);
        let context = self.context_at(&call.cwd);
        let setting = Setting {
            ssh: &program.path,
            control,
            ssh_ports: self.policy().list("ssh_ports"),
            agent: match &context.origin {
                Origin::Agent(name) => Some(name),
                Origin::Person | Origin::Script => None,
            },
            looks: looks(&analysis),
            is_git: false,
        };
        let findings = asked.findings(&setting);
        let room = room::vetted(self.policy(), &context, self.spec());
        let gate = Gate::new(self.policy(), &context).within(&room);
        let judgement = gate.judge(&asked.line, analysis);
        let is_open = judgement.decision == Decision::Allow
            || judgement.decision == Decision::Ask && self.is_approved(&judgement);
        if findings.is_empty() && is_open {
            let git_hosts = self.policy().list("git_hosts");
            let is_git = asked.is_git(program, call, &setting, git_hosts);
            return Ok(asked.carry(call, &Setting { is_git, ..setting }));
        }
        let denials = findings.iter().map(|one| self.unfit(&asked.line, one));
        Err(self.refused(&judgement, denials.collect()))
    }

    /// Explains an option that may not pass.
    fn unfit(&self, line: &str, found: &Found) -> Denial {
        let verdict = self.policy().cite(RULE, Some("options"));
        Denial {
            schema: "hlrp.denial/1",
            decision: Decision::Deny,
            rule: verdict.rule.to_string(),
            line: line.to_owned(),
            span: found.span.clone(),
            what: found.what.clone(),
            via: Vec::new(),
            because: found.because.clone(),
            instead: found.instead.clone(),
            program: None,
            path: None,
        }
    }
}

/// Whether all that the line does on other machines is looking.
fn looks(analysis: &Analysis) -> bool {
    let mut effects = analysis
        .actions
        .iter()
        .filter_map(|found| match &found.action {
            Action::Remote { effect, .. } => Some(*effect),
            _ => None,
        });
    effects.all(|effect| effect == RemoteEffect::ReadOnly) && analysis.incomplete.is_none()
}
