//! Which values sweeps stand for.

use hlrp_sh::compose::overrides::parse;

fn points(text: &str) -> Vec<String> {
    let options = |group: &str| {
        assert_eq!(group, "k");
        ["base", "large", "small"].map(str::to_owned).to_vec()
    };
    let parsed = parse(text).unwrap_or_else(|fault| panic!("{fault}"));
    parsed.expand(100, options).unwrap()
}

#[test]
fn each_point_is_an_override_of_its_own() {
    for (text, wanted) in [
        ("k=1", &["k=1"][..]),
        ("k=a,b", &["k=a", "k=b"]),
        ("+k=1.0,true,null", &["+k=1.0", "+k=True", "+k=null"]),
        ("k@p='a b',c\\,d", &["k@p='a b'", "k@p=c\\,d"]),
        ("k=[1,2],{a:b}", &["k=[1,2]", "k={a:b}"]),
        ("k=choice(a,b)", &["k=a", "k=b"]),
        ("k=range(3)", &["k=0", "k=1", "k=2"]),
        ("k=range(5,1,-2)", &["k=5", "k=3"]),
        ("k=range(0,0.3,0.1)", &["k=0.0", "k=0.1", "k=0.2"]),
        ("k=sort(3,1,2)", &["k=1", "k=2", "k=3"]),
        ("k=sort(a,c,b,reverse=true)", &["k=c", "k=b", "k=a"]),
        ("k=sort(range(1,4),reverse=true)", &["k=3", "k=2", "k=1"]),
        ("k=str(1,2)", &["k=1", "k=2"]),
        ("k=float(range(2))", &["k=0.0", "k=1.0"]),
        ("k=tag(x,y,choice(1,2))", &["k=1", "k=2"]),
        ("k=glob(*)", &["k=base", "k=large", "k=small"]),
        ("k=glob([b*,s*],exclude=base)", &["k=small"]),
    ] {
        assert_eq!(points(text), wanted, "{text}");
    }
}

#[test]
fn what_has_no_list_says_so() {
    for (text, words) in [
        ("k=interval(0,1)", "interval"),
        ("k=shuffle(1,2)", "random"),
        ("k=range(0,1,0)", "step 0"),
        ("k=range(0,1,0.0)", "step 0"),
        ("k=range(0,1000000000000)", "more than 100"),
        ("k=choice(a,choice(b,c))", "a sweep inside a sweep"),
    ] {
        let parsed = parse(text).unwrap_or_else(|fault| panic!("{fault}"));
        assert!(parsed.is_sweep(), "{text}");
        let fault = parsed.expand(100, |_| Vec::new()).expect_err(text);
        assert!(fault.to_string().contains(words), "{text}: {fault}");
    }
}
