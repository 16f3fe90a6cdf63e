use hlrp_sh::compose::dump::to_yaml;
use hlrp_sh::compose::node::Value;

use super::conf;

#[test]
fn text_is_written_with_the_quotes_that_it_needs() {
    let table = [
        ("plain", "plain"),
        ("two words", "two words"),
        ("", "''"),
        ("yes", "'yes'"),
        ("n", "'n'"),
        ("null", "'null'"),
        ("1_0", "'1_0'"),
        ("1e5", "'1e5'"),
        ("infinity", "'infinity'"),
        ("2001-01-01", "'2001-01-01'"),
        ("0o7", "0o7"),
        ("a: b", "'a: b'"),
        ("a:b", "a:b"),
        ("- a", "'- a'"),
        ("-a", "-a"),
        ("#a", "'#a'"),
        ("a #b", "'a #b'"),
        ("it's", "it's"),
        ("'q'", "'''q'''"),
        (" x", "' x'"),
        ("${a}", "${a}"),
        ("a\tb", "\"a\\tb\""),
        ("é😀", "é😀"),
        ("\u{1b}", "\"\\e\""),
        ("l1\nl2\n", "'l1\n\n  l2\n\n  '"),
    ];
    for (text, written) in table {
        let root = Value::from(hlrp_sh::compose::node::Dict::from_iter([(
            "k".into(),
            text.into(),
        )]));
        assert_eq!(to_yaml(&root), format!("k: {written}\n"), "{text:?}");
    }
}

#[test]
fn a_configuration_is_written_in_blocks_and_long_lines_are_folded() {
    let text =
        "a:\n  b:\n  - 1\n  - - x\n    - why: 1.0e-05\n      z: []\n  c: {}\n2: null\ntrue: .inf\n";
    assert_eq!(to_yaml(&conf(text)), text);
    let words = "word ".repeat(30);
    let root = conf(&format!("k: {words}"));
    assert!(
        to_yaml(&root).lines().all(|line| line.len() <= 85),
        "{}",
        to_yaml(&root)
    );
    assert_eq!(to_yaml(&conf(&to_yaml(&root))), to_yaml(&root));
    let key = "k".repeat(130);
    assert_eq!(
        to_yaml(&conf(&format!("{{? {key} : 1}}"))),
        format!("? {key}\n: 1\n")
    );
}
