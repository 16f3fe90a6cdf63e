//! Denials of the kernel's side, in the form that a person or an agent reads.

use super::denial::Denial;
use crate::guard;
use crate::policy::Decision;

/// Returns what the guard refused, each thing once, in the order in which it happened.
pub fn denials(refused: &[guard::Denial]) -> Vec<Denial> {
    let mut denials: Vec<Denial> = Vec::new();
    for one in refused {
        let denial = denial(one);
        if !denials.contains(&denial) {
            denials.push(denial);
        }
    }
    denials
}

fn denial(refused: &guard::Denial) -> Denial {
    let line = format!("{}: {} {}", refused.program, refused.action, refused.target);
    let start = refused.program.len() + 2;
    Denial {
        schema: "hlrp.denial/1",
        decision: if refused.decision == "ask" {
            Decision::Ask
        } else {
            Decision::Deny
        },
        rule: refused.rule.clone(),
        span: start..line.len(),
        line,
        what: "refused in the kernel".to_owned(),
        via: Vec::new(),
        because: refused.because.clone(),
        instead: refused.instead.clone(),
        program: Some(refused.program.clone()),
        path: Some(refused.target.clone()),
    }
}
