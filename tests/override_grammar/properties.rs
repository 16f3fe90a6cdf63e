//! Laws: no text makes the parser panic, and what is written for a value reads back as it.

use hlrp_sh::compose::overrides::{Element, override_text, parse};
use proptest::prelude::*;

fn elements() -> impl Strategy<Value = Element> {
    let leaf = prop_oneof![
        Just(Element::Null),
        any::<bool>().prop_map(Element::Bool),
        any::<i64>().prop_map(Element::Int),
        any::<f64>().prop_map(Element::Float),
        ".*".prop_map(Element::Text),
        "[a-z'\"\\\\ ,:=$\\{\\}\\[\\]()0-9.\n\t-]{0,12}".prop_map(Element::Text),
        prop_oneof![
            Just("true"),
            Just("nan"),
            Just("1e3"),
            Just("NULL"),
            Just("\\'"),
            Just("${a}")
        ]
        .prop_map(|text| Element::Text(text.to_owned())),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = "[a-z \\\\:,=$'.-]{1,6}".prop_map(Element::Text);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Element::List),
            prop::collection::vec((key, inner), 0..3).prop_map(Element::Dict),
        ]
    })
}

/// Equal as Python sees it, with keys written twice joined.
fn normal(element: &Element) -> String {
    match element {
        Element::Dict(pairs) => {
            let mut seen: Vec<(String, String)> = Vec::new();
            for (key, value) in pairs {
                let (key, value) = (normal(key), normal(value));
                match seen.iter_mut().find(|(known, _)| *known == key) {
                    Some((_, known)) => *known = value,
                    None => seen.push((key, value)),
                }
            }
            format!("{seen:?}")
        }
        Element::List(items) => {
            let items: Vec<String> = items.iter().map(normal).collect();
            format!("{items:?}")
        }
        other => format!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused(text in ".*") {
        let _ = parse(&text);
        let _ = parse(&format!("k={text}"));
    }

    #[test]
    fn texts_of_the_language_are_parsed_or_refused(
        text in "[~+]{0,2}[a-z/@.$]{0,6}=([a-z0-9,:=\\[\\]{}()'\"\\\\ $.+-]|int\\(|range\\(|sort\\(|choice\\(|tag\\(){0,20}"
    ) {
        if let Ok(parsed) = parse(&text) {
            let _ = parsed.key_element();
            let _ = parsed.expand(20, |_| vec!["x".to_owned()]);
        }
    }

    #[test]
    fn what_is_written_for_a_value_reads_back_as_it(value in elements()) {
        if let Some(text) = override_text("k", &value) {
            let back = parse(&text).map_err(|fault| TestCaseError::fail(format!("{text}: {fault}")))?;
            let back = back.value.unwrap_or(Element::Null).unquoted();
            prop_assert_eq!(normal(&back), normal(&value), "{}", text);
        }
    }

    #[test]
    fn every_text_can_be_written(text in ".*") {
        let written = override_text("k", &Element::Text(text.clone())).expect("a text has no limits");
        let back = parse(&written).map_err(|fault| TestCaseError::fail(format!("{written}: {fault}")))?;
        prop_assert_eq!(normal(&back.value.unwrap().unquoted()), normal(&Element::Text(text)));
    }

    #[test]
    fn points_of_a_sweep_read_back_as_its_values(words in prop::collection::vec("[a-z ,:'\\\\=()]{1,8}", 2..5)) {
        let quoted: Vec<String> = words.iter().map(|word| {
            let text = override_text("", &Element::Text(word.clone())).unwrap();
            text[1..].to_owned()
        }).collect();
        let parsed = parse(&format!("k={}", quoted.join(","))).unwrap();
        let points = parsed.expand(10, |_| Vec::new()).unwrap();
        for (point, word) in points.iter().zip(&words) {
            let back = parse(point).map_err(|fault| TestCaseError::fail(format!("{point}: {fault}")))?;
            prop_assert_eq!(normal(&back.value.unwrap().unquoted()), normal(&Element::Text(word.clone())));
        }
    }
}
