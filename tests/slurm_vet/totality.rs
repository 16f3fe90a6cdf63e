//! Whatever a process says, the vetter answers, and what it carries is in its own form.

use hlrp_sh::slurm::client::Client;
use hlrp_sh::slurm::spool::{read, unpack};
use hlrp_sh::slurm::vet::{Options, Takes};
use proptest::prelude::*;

use super::desk::{ask, read as vet, request};

fn clients() -> impl Strategy<Value = Client> {
    prop::sample::select(Client::ALL.to_vec())
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "-{0,3}[a-zA-Z]{0,3}",
        "--[a-z-]{1,14}(=[^\\x00]{0,8})?",
        prop::sample::select(vec![
            "--",
            ":",
            "-",
            "--wrap",
            "-o",
            "--export",
            "--export-file",
            "--multi-prog",
            "x.sh",
            "show",
            "update"
        ])
        .prop_map(str::to_owned),
        "[^\\x00]{0,12}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_request_is_too_strange(
        client in clients(),
        words in prop::collection::vec(word(), 0..6),
        variables in prop::collection::vec("(SBATCH|SLURM|SALLOC|SCANCEL)_[A-Z_]{1,12}=[^\\x00]{0,8}", 0..4),
        script in prop::option::of("(#!/bin/(ba)?sh\n)?(#SBATCH [^\\x00]{0,20}\n){0,3}[^\\x00]{0,40}"),
    ) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
        let _ = ask(client, &words, &variables, script.as_deref());
    }

    #[test]
    fn what_is_submitted_always_has_the_guard_in_front(
        words in prop::collection::vec(word(), 0..5),
        script in "#!/bin/bash\n(#SBATCH [^\\x00\r]{0,20}\n){0,3}[^\\x00\r]{0,40}",
    ) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let asked = request(Client::Sbatch, &words, &[], Some(&script));
        if let Ok(reading) = vet(&asked) && !reading.carry.files.is_empty() {
            let args: Vec<_> = reading.carry.args.iter().map(|word| word.to_str().unwrap()).collect();
            let end = args.iter().position(|word| *word == "--").unwrap();
            prop_assert_eq!(args.get(end + 1), Some(&"/proc/self/fd/3"));
            prop_assert!(args[..end].iter().all(|word| word.starts_with("--")));
            prop_assert!(read(&reading.carry.files[0]).is_ok());
        }
    }

    #[test]
    fn any_environment_can_be_unpacked(pairs in prop::collection::vec(("(HLRP_ENVIRONMENT_)?[A-Z0-9]{0,6}", "[^\\x00]{0,20}"), 0..6)) {
        let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        let _ = unpack(&pairs);
    }
}

#[test]
fn every_letter_stands_for_an_option_that_is_listed_once() {
    for client in Client::ALL {
        let options = Options::of(client);
        for (letter, name) in options.letters() {
            assert_eq!(letter.chars().count(), 1);
            assert!(options.takes(name).is_some(), "{client:?} -{letter}");
        }
        let mut seen = std::collections::BTreeMap::new();
        for (name, takes) in options.all() {
            assert!(seen.insert(name, takes).is_none(), "{client:?} {name}");
        }
    }
}

#[test]
fn options_take_what_the_real_clients_say() {
    let table = include_str!("options-22.05.txt");
    for line in table.lines() {
        let (client, rest) = line.split_once(' ').unwrap();
        let (takes, names) = rest.split_once(':').unwrap();
        let client = Client::named(client.as_ref()).unwrap();
        let expected = match takes {
            "none" => Takes::Nothing,
            "value" => Takes::Value,
            _ => Takes::Maybe,
        };
        for name in names.split_ascii_whitespace() {
            assert_eq!(
                Options::of(client).takes(name),
                Some(expected),
                "{client:?} --{name}"
            );
        }
    }
}
