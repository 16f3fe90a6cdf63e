//! What single texts mean, and where others stop making sense.

use hlrp_sh::compose::overrides::{Element, Kind, parse};

/// The value, as it is written in an override again.
fn value(text: &str) -> String {
    let parsed = parse(text).unwrap_or_else(|fault| panic!("{fault}"));
    let value = parsed.value.expect("a value");
    match value {
        Element::Sweep(_) => format!("{:?}", parse(text).unwrap().values(50).unwrap()),
        Element::Null => "null".to_owned(),
        Element::Bool(flag) => format!("bool {flag}"),
        Element::Int(int) => format!("int {int}"),
        Element::Big(digits) => format!("int {digits}"),
        Element::Float(float) => format!("float {float:?}"),
        Element::Text(text) => format!("text {text}"),
        Element::Quoted(quoted) => format!("quoted {}", quoted.text),
        other => other.to_text().expect("a plain value"),
    }
}

#[test]
fn words_keep_their_type_only_when_they_stand_alone() {
    for (text, wanted) in [
        ("k=", "text "),
        ("k=1", "int 1"),
        ("k=-1_000", "int -1000"),
        ("k=01", "text 01"),
        ("k=1__0", "text 1__0"),
        ("k=0x1F", "text 0x1F"),
        ("k=99999999999999999999", "int 99999999999999999999"),
        ("k=1.", "float 1.0"),
        ("k=.5", "float 0.5"),
        ("k=1e3", "float 1000.0"),
        ("k=1.e3", "float 1000.0"),
        ("k=-inf", "float -inf"),
        ("k=inflate", "text inflate"),
        ("k=True", "bool true"),
        ("k=truely", "text truely"),
        ("k=NuLL", "null"),
        ("k=a b", "text a b"),
        ("k=a  b ", "text a  b"),
        ("k= 1 ", "int 1"),
        ("k=1 2", "text 1 2"),
        ("k=a:b", "text a:b"),
        ("k=/tmp/x-1.2", "text /tmp/x-1.2"),
        ("k=a\\,b", "text a,b"),
        ("k=a\\ ", "text a "),
        ("k=\\n", "text \\n"),
        ("k=${a.b}", "text ${a.b}"),
        ("k=x${a}y", "text x${a}y"),
        ("k=${oc.env:HOME,/x y}", "text ${oc.env:HOME,/x y}"),
        ("k=a@b", "text a@b"),
    ] {
        assert_eq!(value(text), wanted, "{text}");
    }
}

#[test]
fn quotes_end_where_an_even_number_of_backslashes_stands_before() {
    for (text, wanted) in [
        ("k='a b'", "quoted a b"),
        ("k=\"a,b\"", "quoted a,b"),
        ("k=''", "quoted "),
        (r"k='a\'b'", "quoted a'b"),
        (r"k='a\\'", r"quoted a\"),
        (r"k='a\\\'b'", r"quoted a\'b"),
        (r"k='a\\b'", r"quoted a\\b"),
        (r#"k="a\'b""#, r"quoted a\'b"),
        ("k='a\nb'", "quoted a\nb"),
        ("k='${a.${b}}'", "quoted ${a.${b}}"),
    ] {
        assert_eq!(value(text), wanted, "{text}");
    }
}

#[test]
fn lists_and_mappings_nest() {
    for (text, wanted) in [
        ("k=[]", "[]"),
        ("k=[ 1 , a b , [x] ]", "[1,a\\ b,[x]]"),
        ("k={}", "{}"),
        ("k={a: 1, b: {c: [2]}}", "{a:1,b:{c:[2]}}"),
        ("k={a:b:c}", "{a:b\\:c}"),
        ("k={1:a,true:b}", "{1:b}"),
        ("k={a:1,a:2}", "{a:2}"),
        ("k=['a',\"b\"]", "['a',\"b\"]"),
        ("k=int([1.7,'2'])", "[1,2]"),
    ] {
        assert_eq!(value(text), wanted, "{text}");
    }
}

#[test]
fn signs_and_packages_are_told_apart() {
    for (text, kind, key, package) in [
        ("a.b=1", Kind::Change, "a.b", None),
        ("+a=1", Kind::Add, "a", None),
        ("++a=1", Kind::ForceAdd, "a", None),
        ("~a", Kind::Delete, "a", None),
        ("~a=1", Kind::Delete, "a", None),
        ("a/b/c=x", Kind::Change, "a/b/c", None),
        ("a@b.c=x", Kind::Change, "a", Some("b.c")),
        ("+a/b@_global_=x", Kind::Add, "a/b", Some("_global_")),
        ("a@=x", Kind::Change, "a", Some("")),
        ("a.0.b=x", Kind::Change, "a.0.b", None),
        ("$a=x", Kind::Change, "$a", None),
        ("=x", Kind::Change, "", None),
    ] {
        let parsed = parse(text).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(parsed.kind, kind, "{text}");
        assert_eq!(parsed.key, key, "{text}");
        assert_eq!(parsed.package.as_deref(), package, "{text}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_where_it_stops_making_sense() {
    for (text, column) in [
        ("a", 1),
        ("a b=1", 1),
        ("1=x", 0),
        ("a.01=x", 3),
        ("a@b:c=x", 3),
        ("a/=x", 2),
        ("+++a=x", 2),
        ("k='a", 2),
        ("k='a'b", 5),
        ("k=[1,2", 6),
        ("k=[1,]", 5),
        ("k={a}", 4),
        ("k={'a':1}", 3),
        ("k=a=b", 3),
        ("k=(1)", 2),
        ("k=a,,b", 4),
        ("k=ü", 2),
        ("k=a#b", 3),
        ("k=${a.${b}}", 10),
        ("k=a\nb", 3),
        ("k=nope(1)", 2),
        ("k=int(a)", 2),
        ("k=bool(2,a)", 2),
        ("k=choice()", 2),
        ("k=range(a)", 2),
        ("k=sort(1,a)", 2),
        ("k=range(1,start=2)", 2),
        ("k=int(value=1,2)", 14),
    ] {
        let fault = parse(text).expect_err(text);
        assert_eq!(fault.column, Some(column), "{text}: {fault}");
        assert!(fault.drawn().unwrap().ends_with('^'));
    }
}

#[test]
fn nesting_is_bounded() {
    let deep = |depth: usize| format!("k={}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(&deep(90)).is_ok());
    assert!(parse(&deep(101)).is_err());
    assert!(parse(&deep(100_000)).is_err());
    assert!(parse(&format!("k={}", "int(".repeat(50_000))).is_err());
}
