//! What the loader says of files that are wrong, and what layers may do.

use hlrp_sh::policy::{BUILTIN, Layer, LayerKind, Limit, LoadError, Policy, READ_ONLY};

fn layer(kind: LayerKind, text: &str) -> Layer {
    Layer {
        kind,
        path: "policy.toml".into(),
        text: text.into(),
    }
}

fn fault(kind: LayerKind, text: &str) -> LoadError {
    Policy::load(&[layer(kind, text)]).expect_err("the layer is wrong")
}

fn at(fault: &LoadError) -> (usize, usize) {
    (fault.line, fault.column)
}

#[test]
fn the_stripped_law_is_the_law() {
    let full = Policy::load_with_examples(&[]).unwrap();
    let stripped = Policy::builtin().unwrap();
    assert_eq!(full.rules().len(), stripped.rules().len());
    for (long, short) in full.rules().iter().zip(stripped.rules()) {
        let mut text = long.text().clone();
        text.examples = Default::default();
        let (long, short) = (
            serde_json::to_value(&text).unwrap(),
            serde_json::to_value(short.text()).unwrap(),
        );
        assert_eq!(long, short);
    }
    for limit in Limit::ALL {
        assert_eq!(full.limit(limit), stripped.limit(limit));
    }
    for list in [
        "replacers",
        "protected",
        "artefacts",
        "git_hosts",
        "in_place",
    ] {
        assert!(!full.list(list).is_empty(), "{list}");
        assert_eq!(full.list(list), stripped.list(list));
    }
}

#[test]
fn every_rule_has_examples_or_is_cited() {
    let policy = Policy::load_with_examples(&[]).unwrap();
    for rule in policy.rules() {
        let text = rule.text();
        assert!(
            text.cited == Some(true)
                || !text.examples.is_empty()
                || text.part.is_some()
                || text.id == "guard.absent",
            "{} has no examples",
            text.full_name()
        );
    }
}

#[test]
fn a_missing_threshold_is_an_error() {
    let text = BUILTIN.replace("login.cpu_seconds = 600", "");
    let fault = Policy::load_over(&layer(LayerKind::Builtin, &text), &[]).unwrap_err();
    assert!(
        fault.message.contains("`login.cpu_seconds` is missing"),
        "{fault}"
    );
    let error = hlrp_sh::error::Error::from(fault);
    assert_eq!(error.code(), 78);
}

#[test]
fn a_missing_list_is_an_error() {
    let text = BUILTIN.replace("in_place =", "other =");
    let fault = Policy::load_over(&layer(LayerKind::Builtin, &text), &[]).unwrap_err();
    assert!(fault.message.contains("`in_place`"), "{fault}");
}

#[test]
fn an_unknown_key_is_found_where_it_stands() {
    let fault = fault(
        LayerKind::User,
        "schema = 1\n\n[[rule]]\nid = \"my.rule\"\ncolour = 1\n",
    );
    assert_eq!(at(&fault), (5, 1), "{fault}");
    assert!(fault.message.contains("colour"), "{fault}");
}

#[test]
fn an_unknown_condition_is_found_where_it_stands() {
    let text =
        "schema = 1\n[[rule]]\nid = \"my.rule\"\non = \"write\"\nwhen = { plaice = \"root\" }\n";
    let fault = fault(LayerKind::User, text);
    assert_eq!(at(&fault), (5, 10), "{fault}");
}

#[test]
fn an_unknown_word_is_found_where_it_stands() {
    let text = "schema = 1\n[[rule]]\nid = \"my.rule\"\non = [\"write\",\n  \"wipe\"]\n";
    let fault = fault(LayerKind::User, text);
    assert_eq!(at(&fault), (5, 3), "{fault}");
    assert!(fault.message.contains("wipe"), "{fault}");
}

#[test]
fn a_git_host_is_an_exact_name() {
    for bad in [
        "gitlab.*",
        "*.example.org",
        ".example.org",
        "git?.x",
        "git[ab].x",
        "git@github.com",
        "github.com:22",
        "-x",
        "localhost",
        "",
    ] {
        let text = format!("schema = 1\n[trusted]\ngit_hosts = [\n  \"a.b\",\n  \"{bad}\",\n]\n");
        let fault = fault(LayerKind::User, &text);
        assert_eq!(at(&fault), (5, 3), "{fault}");
        assert!(fault.message.contains("exact name"), "{fault}");
    }
    let text = "schema = 1\n[trusted]\ngit_hosts = [\"git.example.org\"]\n";
    let policy = Policy::load(&[layer(LayerKind::User, text)]).unwrap();
    assert!(
        policy
            .list("git_hosts")
            .contains(&"git.example.org".to_owned())
    );
    for host in policy.list("git_hosts") {
        assert!(!host.contains('*'), "{host}");
    }
}

#[test]
fn a_bad_pattern_is_found_where_it_stands() {
    let text = "schema = 1\n[[rule]]\nid = \"my.rule\"\non = \"write\"\ndecision = \"deny\"\nbecause = \"x\"\nwhen = { name = \"a[\" }\n";
    let fault = fault(LayerKind::User, text);
    assert_eq!(at(&fault), (7, 10), "{fault}");
    assert!(fault.message.contains("a["), "{fault}");
    let text = "schema = 1\n[guarded]\nprotected = [\n  \"x\",\n  \"a[\",\n]\n";
    let fault = self::fault(LayerKind::User, text);
    assert_eq!(at(&fault), (5, 3), "{fault}");
}

#[test]
fn a_bad_expression_and_an_unknown_list_are_errors() {
    let rule = "schema = 1\n[[rule]]\nid = \"my.rule\"\non = \"exec\"\ndecision = \"deny\"\nbecause = \"x\"\n";
    let fault = fault(
        LayerKind::User,
        &format!("{rule}when = {{ args = \"(\" }}\n"),
    );
    assert_eq!(at(&fault), (7, 10), "{fault}");
    let fault = self::fault(
        LayerKind::User,
        &format!("{rule}when = {{ actor = \"@nobody\" }}\n"),
    );
    assert!(fault.message.contains("no list `nobody`"), "{fault}");
    let fault = self::fault(LayerKind::User, &rule.replace("\"x\"", "\"see {that}\""));
    assert_eq!(at(&fault), (6, 1), "{fault}");
}

#[test]
fn syntax_errors_have_a_place() {
    let fault = fault(LayerKind::Project, "schema = 1\nlocked = [\n");
    assert_eq!(fault.line, 2, "{fault}");
    let fault = self::fault(LayerKind::Project, "schema = 2\n");
    assert_eq!(at(&fault), (1, 1), "{fault}");
    let fault = self::fault(LayerKind::Project, "");
    assert!(fault.message.contains("schema"), "{fault}");
}

#[test]
fn an_incomplete_rule_is_an_error() {
    let fault = fault(
        LayerKind::User,
        "schema = 1\n[[rule]]\nid = \"my.rule\"\non = \"write\"\n",
    );
    assert_eq!(at(&fault), (3, 1), "{fault}");
    assert!(fault.message.contains("decision"), "{fault}");
    let fault = self::fault(LayerKind::User, "schema = 1\n[[rule]]\nid = \"My Rule\"\n");
    assert_eq!(at(&fault), (3, 1), "{fault}");
}

#[test]
fn locked_rules_only_get_stricter() {
    let loosened = "schema = 1\n[[rule]]\nid = \"fs.no-delete\"\ndecision = \"allow\"\n";
    let narrowed =
        "schema = 1\n[[rule]]\nid = \"fs.outside-roots\"\nunless = { place = \"outside\" }\n";
    let unlocked = "schema = 1\n[[rule]]\nid = \"fs.artefacts\"\nlocked = false\n";
    for kind in [LayerKind::Machine, LayerKind::User, LayerKind::Project] {
        for text in [loosened, narrowed, unlocked] {
            let fault = fault(kind, text);
            assert_eq!(at(&fault), (4, 1), "{fault}");
            assert!(fault.message.contains("locked"), "{fault}");
        }
    }
}

#[test]
fn the_user_may_loosen_what_is_not_locked_and_the_project_may_not() {
    let text = "schema = 1\n[[rule]]\nid = \"serve.ask\"\ndecision = \"allow\"\n";
    assert!(Policy::load(&[layer(LayerKind::User, text)]).is_ok());
    assert_eq!(at(&fault(LayerKind::Project, text)), (4, 1));
    let text = text.replace("allow", "deny");
    assert!(Policy::load(&[layer(LayerKind::Project, &text)]).is_ok());
}

#[test]
fn thresholds_tighten_downwards() {
    let halt = |value| format!("schema = 1\n[limits]\nquota.halt_percent = {value}\n");
    let policy = Policy::load(&[layer(LayerKind::User, &halt(90))]).unwrap();
    assert_eq!(policy.limit(Limit::QuotaHaltPercent), 90);
    assert_eq!(at(&fault(LayerKind::User, &halt(96))), (3, 7));
    assert_eq!(at(&fault(LayerKind::Machine, &halt(101))), (3, 7));
    let cpu = |value| format!("schema = 1\n[limits]\nlogin.cpu_seconds = {value}\n");
    assert!(Policy::load(&[layer(LayerKind::User, &cpu(900))]).is_ok());
    fault(LayerKind::Project, &cpu(900));
    let unknown = fault(LayerKind::User, "schema = 1\n[limits]\nquota.halt = 9\n");
    assert!(unknown.hint.unwrap().contains("quota.halt_percent"));
}

#[test]
fn projects_add_to_guarded_lists_only() {
    let guarded = "schema = 1\n[guarded]\nprotected = [\"~/thesis/**\"]\n";
    let policy = Policy::load(&[layer(LayerKind::Project, guarded)]).unwrap();
    assert!(
        policy
            .list("protected")
            .iter()
            .any(|entry| entry == "~/thesis/**")
    );
    assert!(
        policy
            .list("protected")
            .iter()
            .any(|entry| entry == "~/.bashrc")
    );
    let trusted = "schema = 1\n[trusted]\nreplacers = [\"mytool\"]\n";
    assert_eq!(at(&fault(LayerKind::Project, trusted)), (3, 1));
    let policy = Policy::load(&[layer(LayerKind::User, trusted)]).unwrap();
    assert!(policy.is_listed("replacers", "mytool"));
    assert!(policy.is_listed("replacers", "pip3.12"));
    let distrusted = "schema = 1\n[distrusted]\nreplacers = [\"npm\"]\n";
    let policy = Policy::load(&[layer(LayerKind::Project, distrusted)]).unwrap();
    assert!(!policy.is_listed("replacers", "npm"));
    fault(
        LayerKind::Project,
        "schema = 1\n[roots]\nfurther = [\"/data\"]\n",
    );
}

#[test]
fn the_read_only_layer_loads_everywhere() {
    for kind in [LayerKind::Machine, LayerKind::User, LayerKind::Project] {
        let policy = Policy::load(&[layer(kind, READ_ONLY)]).unwrap();
        assert!(
            policy
                .rules()
                .iter()
                .any(|rule| rule.id() == "readonly.no-change")
        );
    }
}

#[test]
fn cited_rules_are_there() {
    let policy = Policy::builtin().unwrap();
    assert_eq!(policy.cite("quota.halt", None).decision.to_string(), "halt");
    let verdict = policy.cite("fs.edit", Some("too large to retain"));
    assert!(verdict.because.contains("64 MiB"), "{}", verdict.because);
    assert_eq!(policy.cite("no.such", None).decision.to_string(), "deny");
}
