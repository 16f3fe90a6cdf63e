//! Every example of every policy that ships gets its decision, by its rule.

use hlrp_sh::gate::example::run;
use hlrp_sh::policy::{Layer, LayerKind, Policy, READ_ONLY};

#[test]
fn every_example_of_the_law_gets_its_decision() {
    let policy = Policy::load_with_examples(&[]).unwrap();
    let (number, failures) = run(&policy, |_| true);
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(number > 250, "only {number} examples");
}

#[test]
fn every_example_of_the_read_only_layer_gets_its_decision() {
    let layer = Layer {
        kind: LayerKind::Project,
        path: "policies/readonly.toml".into(),
        text: READ_ONLY.into(),
    };
    let policy = Policy::load_with_examples(&[layer]).unwrap();
    let (number, failures) = run(&policy, |rule| rule.layer() > 0);
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(number > 5, "only {number} examples");
}
