use hlrp_sh::compose::dump::to_yaml;
use hlrp_sh::compose::node::{Change, Value, resolved, update};
use hlrp_sh::compose::yaml::{create, load};
use proptest::prelude::*;

use super::{class, in_world};

#[test]
fn a_text_that_nests_or_grows_without_end_is_an_error() {
    let deep = 100_000;
    let texts = [
        "[".repeat(deep),
        "{".repeat(deep),
        "{a: ".repeat(deep),
        "- ".repeat(deep),
        format!("a: {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("a: '{}'", "${".repeat(deep)),
        format!("a: '${{x:{}}}'", "[".repeat(deep)),
        "? ".repeat(deep),
    ];
    for text in texts {
        assert!(
            create(&text).is_err(),
            "{}",
            text.chars().take(20).collect::<String>()
        );
    }
    let mut laughs = "k0: &k0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for index in 1..20 {
        let item = format!("*k{}", index - 1);
        laughs.push_str(&format!(
            "k{index}: &k{index} [{}]\n",
            vec![item; 9].join(", ")
        ));
    }
    assert_eq!(class(create(&laughs)), "ComposerError");
    let mut root = Value::empty();
    let change = Change {
        merge: true,
        force_add: true,
    };
    let key = vec!["a"; deep].join(".");
    assert!(in_world(|world| update(&mut root, &key, Value::Null, change, world)).is_err());
}

/// Pieces that meet in odd ways.
fn odd() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a", "b: ", ": ", "- ", "[", "]", "{", "}", ",", "\n", "\n  ", "\t", "'", "\"", "\\", "#",
        "&x ", "*x", "!", "!!", "!!int ", "!<", "|", ">", "|2-", "%", "---", "...", "?", "? ",
        "${", "${a", "}", ":", ".", "1", "é", "\u{85}", "\u{2028}", "\u{feff}", "\\u", "\\xz",
        "<<: ", "~", "@", "`", "\r", "\0",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_the_reader(text in odd()) {
        if let Ok(value) = create(&text) {
            let written = to_yaml(&value);
            prop_assert_eq!(to_yaml(&create(&written).unwrap()), written);
            let _ = in_world(|world| resolved(&value, world));
        }
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = load(&bytes);
    }

    #[test]
    fn no_interpolation_breaks_resolving(text in "(\\$\\{|[a-c.:,{}\\[\\]'\" \\\\]|oc\\.[a-z]{2,6}:){0,24}") {
        let mut root = create("a: 1\nb: {c: [1]}").unwrap();
        let change = Change { merge: true, force_add: true };
        let set = in_world(|world| update(&mut root, "x", Value::from(text), change, world));
        if set.is_ok() {
            let _ = in_world(|world| resolved(&root, world));
        }
    }
}
