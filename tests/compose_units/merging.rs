use hlrp_sh::compose::node::{Change, Value, delete, merge, update};

use super::{conf, in_world, shown};

const MERGE: Change = Change {
    merge: true,
    force_add: false,
};
const FORCE: Change = Change {
    merge: true,
    force_add: true,
};

fn merged(target: &str, source: &str) -> String {
    let mut root = conf(target);
    match in_world(|world| merge(&mut root, &conf(source), world)) {
        Ok(()) => shown(&root),
        Err(error) => error.class().to_string(),
    }
}

#[test]
fn mappings_merge_and_all_else_is_replaced() {
    assert_eq!(
        merged("a: {b: 1, c: 2}", "a: {c: 3, d: 4}"),
        "{'a': {'b': 1, 'c': 3, 'd': 4}}"
    );
    assert_eq!(merged("a: [1, 2]", "a: [3]"), "{'a': [3]}");
    assert_eq!(merged("a: {b: 1}", "a: null"), "{'a': None}");
    assert_eq!(merged("a: 1", "a: ???"), "{'a': 1}");
    assert_eq!(merged("a: 1", "b: ???"), "{'a': 1, 'b': '???'}");
    assert_eq!(merged("a: {b: 1}", "a: [1]"), "ConfigTypeError");
    assert_eq!(
        merged("a: {x: 1}\nb: ${a}", "a: {x: 2}\nb: {y: 3}"),
        "{'a': {'x': 2}, 'b': {'x': 2, 'y': 3}}"
    );
}

fn changed(root: &mut Value, key: &str, value: &str, change: Change) -> String {
    let value = conf(&format!("v: {value}")).get("v").cloned().unwrap();
    match in_world(|world| update(root, key, value, change, world)) {
        Ok(()) => shown(root),
        Err(error) => format!("{} {}", error.class(), error.hint().unwrap_or("")),
    }
}

#[test]
fn a_struct_takes_no_new_key_and_names_the_nearest() {
    let mut root = conf("train: {epochs: 1, list: [1, 2]}");
    root.flags_mut().unwrap().structured = Some(true);
    assert_eq!(
        changed(&mut root, "train.epoch", "2", MERGE),
        "ConfigAttributeError did you mean `epochs`?"
    );
    assert!(changed(&mut root, "train.q.r", "2", MERGE).starts_with("ConfigKeyError"));
    assert_eq!(
        changed(&mut root, "train.epochs", "2", MERGE),
        "{'train': {'epochs': 2, 'list': [1, 2]}}"
    );
    assert_eq!(
        changed(&mut root, "train.list[0]", "7", MERGE),
        "{'train': {'epochs': 2, 'list': [7, 2]}}"
    );
    assert!(changed(&mut root, "train.list[5]", "7", MERGE).starts_with("ConfigIndexError"));
    assert!(changed(&mut root, "train.list.x", "7", MERGE).starts_with("TypeError"));
    let broken =
        in_world(|world| update(&mut root, "train.epochs", Value::from("${"), MERGE, world));
    assert_eq!(broken.unwrap_err().class().to_string(), "GrammarParseError");
    assert_eq!(
        changed(&mut root, "new.deep", "{x: 1}", FORCE),
        "{'train': {'epochs': 2, 'list': [7, 2]}, 'new': {'deep': {'x': 1}}}"
    );
    assert_eq!(
        delete(&mut root, "train.list")
            .map(|value| shown(&value))
            .unwrap(),
        "[7, 2]"
    );
    assert!(delete(&mut root, "train.list").is_err());
    root.flags_mut().unwrap().read_only = Some(true);
    assert!(changed(&mut root, "train.epochs", "3", FORCE).starts_with("ReadonlyConfigError"));
}

#[test]
fn a_copy_shares_nothing_that_is_changed() {
    let original = conf("a: {b: {c: 1}}\nd: [1]");
    let mut copy = original.clone();
    changed(&mut copy, "a.b.c", "2", MERGE);
    assert_eq!(shown(&original), "{'a': {'b': {'c': 1}}, 'd': [1]}");
    assert_eq!(shown(&copy), "{'a': {'b': {'c': 2}}, 'd': [1]}");
}
