use hlrp_sh::compose::node::Key;
use hlrp_sh::compose::yaml::{create, load, locate};

use super::{class, conf, shown};

#[test]
fn a_plain_word_means_what_yaml_1_1_and_omegaconf_say() {
    let table = [
        ("yes", "True"),
        ("On", "True"),
        ("oFF", "'oFF'"),
        ("y", "'y'"),
        ("NULL", "None"),
        ("nUll", "'nUll'"),
        ("", "None"),
        ("012", "10"),
        ("0o7", "'0o7'"),
        ("0x_1F", "31"),
        ("0b101", "5"),
        ("1_000", "1000"),
        ("1_", "1"),
        ("-0", "0"),
        ("1:30", "90"),
        ("1:60", "'1:60'"),
        ("15:00:00", "54000"),
        ("08:00:00", "'08:00:00'"),
        ("12:30:45.5", "45045.5"),
        ("1e-4", "0.0001"),
        ("1e16", "1e+16"),
        ("+.5", "'+.5'"),
        (".5e1", "'.5e1'"),
        (".5e+1", "5.0"),
        ("1.", "1.0"),
        ("-.inf", "-inf"),
        (".Nan", "'.Nan'"),
        ("1e400", "inf"),
        ("18446744073709551616", "18446744073709551616"),
        ("0xFFFFFFFFFFFFFFFFFF", "4722366482869645213695"),
        ("2001-01-01", "'2001-01-01'"),
        ("a:b", "'a:b'"),
        ("a #c", "'a'"),
        ("???", "'???'"),
        ("! 12", "12"),
        ("!!str 1", "'1'"),
        ("!!int '0o7'", "7"),
        ("!!binary aGk=", "b'hi'"),
        ("!!omap [a: 1]", "[['a', 1]]"),
        ("{b:, c: 1}", "{'b': None, 'c': 1}"),
        ("\"\\ud83d\\ude00\"", "'😀'"),
        ("|\n  a\n  b", "'a\\nb'"),
    ];
    for (word, value) in table {
        assert_eq!(
            shown(&conf(&format!("k: {word}"))),
            format!("{{'k': {value}}}"),
            "{word}"
        );
    }
}

#[test]
fn keys_keep_their_types_and_merge_as_in_python() {
    assert_eq!(shown(&conf("1: a\n1.0: b\ntrue: c")), "{1: 'c'}");
    assert_eq!(
        shown(&conf("a: &x {p: 1}\nb: {q: 2, <<: *x, p: 3}")),
        "{'a': {'p': 1}, 'b': {'p': 3, 'q': 2}}"
    );
    assert_eq!(
        shown(&conf("c:\n  <<: [{p: 1}, {p: 2, r: 3}]")),
        "{'c': {'p': 1, 'r': 3}}"
    );
    assert_eq!(shown(&conf("=: 1")), "{'=': 1}");
    assert_eq!(shown(&conf("hello")), "{'hello': None}");
    assert_eq!(shown(&conf("# nothing")), "{}");
}

#[test]
fn a_refused_text_has_the_class_that_python_gives() {
    let table = [
        ("k: a: b", "ScannerError"),
        ("a:\tb", "ScannerError"),
        ("a: b\t", "ScannerError"),
        ("k: [a", "ParserError"),
        ("k: [a?b]", "ParserError"),
        ("a: 1\na: 2", "ConstructorError"),
        ("k: =", "ConstructorError"),
        ("k: <<", "ConstructorError"),
        ("k: !x", "ConstructorError"),
        ("k: [!x, y]", "ConstructorError"),
        ("k: [!: [!,]", "ScannerError"),
        ("[1]: b", "ConstructorError"),
        ("a: *x", "ComposerError"),
        ("a: &x 1\nb: &x 2", "ComposerError"),
        ("a: 1\n---\nb: 2", "ComposerError"),
        ("a: &x\n  b: *x", "RecursionError"),
        ("a: \u{7}", "ReaderError"),
        ("null: a", "KeyValidationError"),
        ("a: !!timestamp 2001-01-01", "UnsupportedValueType"),
        ("a: !!set {a}", "UnsupportedValueType"),
        ("a: ${b", "GrammarParseError"),
        ("5", "AssertionError"),
    ];
    for (text, expected) in table {
        assert_eq!(class(create(text)), expected, "{text}");
    }
    assert_eq!(class(load(b"k: \xff")), "UnicodeDecodeError");
    assert_eq!(class(load("\u{feff}k: 1".as_bytes())), "ok: {'k': 1}");
    assert_eq!(class(load(b"5")), "OSError");
}

#[test]
fn an_error_names_its_line_and_key() {
    let error = create("a: 1\nb: 2\na: 3").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the key `a` is given twice at line 3, column 1"
    );
    let error = create("a:\n  b: [x, '${']").unwrap_err();
    assert_eq!(error.key(), Some("a.b[1]"));
}

#[test]
fn a_key_is_found_again_in_its_text() {
    let text = "a: 1\nb:\n  c: [x, {d: 2}]\n  e: f\n";
    let find = |path: &[Key]| locate(text, path).map(|place| (place.line, place.column));
    assert_eq!(find(&[Key::from("a")]), Some((1, 1)));
    assert_eq!(find(&[Key::from("b"), Key::from("e")]), Some((4, 3)));
    assert_eq!(
        find(&[Key::from("b"), Key::from("c"), Key::Int(1)]),
        Some((3, 10))
    );
    let deep = [Key::from("b"), Key::from("c"), Key::Int(1), Key::from("d")];
    assert_eq!(find(&deep), Some((3, 11)));
    assert_eq!(find(&[Key::from("b"), Key::from("z")]), Some((2, 1)));
    assert_eq!(find(&[Key::from("z")]), None);
}
