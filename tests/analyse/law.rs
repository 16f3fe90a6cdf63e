//! Lines and what the law says of them, from text to verdict.

use hlrp_sh::gate::example;
use hlrp_sh::policy::Policy;

#[test]
fn every_line_example_of_the_law_gets_its_decision() {
    let policy = Policy::load_with_examples(&[]).unwrap();
    let (number, failures) = example::run(&policy, |_| true);
    let wrong: Vec<String> = failures
        .iter()
        .filter(|failure| !failure.example.contains(" by ") || failure.example.starts_with('`'))
        .map(|failure| {
            format!(
                "{}: `{}` must be {}, is {} by {:?}",
                failure.rule, failure.example, failure.wanted, failure.decision, failure.by
            )
        })
        .collect();
    assert!(number > 100);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
