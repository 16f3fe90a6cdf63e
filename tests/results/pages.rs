//! Tables in pages: what is the person's stays.

use hlrp_sh::record::table::{csv, maintained, markdown, number};

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn only_what_stands_between_the_marks_changes() {
    let first = maintained("# Mine\r\n\nno end of line", "lr", "| a |\n").unwrap();
    let mark = "<!-- hlrp-sh results lr -->\n";
    assert_eq!(
        first,
        format!("# Mine\r\n\nno end of line\n\n{mark}| a |\n<!-- /hlrp-sh results -->\n")
    );
    let mine = format!("{first}after\n");
    let second = maintained(&mine, "lr", "| b |\n").unwrap();
    assert_eq!(second, mine.replace("| a |", "| b |"));
    let two = maintained(&second, "other", "| c |\n").unwrap();
    assert!(two.starts_with(&second));
    assert_eq!(maintained(&two, "lr", "| b |\n").unwrap(), two);
}

#[test]
fn a_mark_without_its_end_is_not_guessed_about() {
    assert_eq!(
        maintained("<!-- hlrp-sh results lr -->\nmine", "lr", "t\n"),
        None
    );
    let page = "<!-- hlrp-sh results lr -->\nmine\n<!-- hlrp-sh results b -->\n<!-- /hlrp-sh results -->\n";
    assert_eq!(maintained(page, "lr", "t\n"), None);
}

#[test]
fn cells_cannot_leave_their_place() {
    let heads = words(&["run"]);
    let nasty = [words(&["a|b\n<!-- /hlrp-sh results -->"])];
    let text = markdown(&heads, &nasty);
    assert_eq!(text.lines().count(), 3);
    assert!(text.contains("a\\|b &lt;!--"));
    assert_eq!(
        csv(&heads, &[words(&["a,\"b\""])]),
        "run\n\"a,\"\"b\"\"\"\n"
    );
}

#[test]
fn numbers_are_short() {
    for (value, text) in [
        (42.0, "42"),
        (0.5, "0.5"),
        (0.123456, "0.12346"),
        (1234.56, "1234.6"),
        (2e-5, "2.000e-5"),
        (f64::NAN, "NaN"),
    ] {
        assert_eq!(number(value), text);
    }
}
