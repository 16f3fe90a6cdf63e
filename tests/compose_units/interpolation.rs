use hlrp_sh::compose::node::{resolved, select};

use super::{class, conf, in_world, shown};

#[test]
fn an_interpolation_resolves_as_in_omegaconf() {
    let table = [
        ("${a}", "1"),
        ("${ a }", "1"),
        ("<${a}>", "'<1>'"),
        ("\\${a}", "'${a}'"),
        ("\\\\${a}", "'\\\\1'"),
        ("$${a}", "'$1'"),
        ("${b.d}", "'cc'"),
        ("${b[e]}", "1"),
        ("${[b].c}", "'cc'"),
        ("${l[1][0]}", "3"),
        ("${l.0}", "10"),
        ("${l}!", "'[10, [3]]!'"),
        ("${n}", "None"),
        ("${n}.", "'None.'"),
        ("${oc.env:NAME}", "'value'"),
        ("${oc.env:LIKE}", "'${a}'"),
        ("${oc.env:NONE,7}", "'7'"),
        ("${oc.env:NONE,null}", "None"),
        ("${oc.decode:${oc.env:NONE,1e3}}", "1000.0"),
        ("${oc.decode:'[1, {a: x}]'}", "[1, {'a': 'x'}]"),
        ("${oc.select:zz,${a}}", "1"),
        ("${oc.select:b.c}", "'cc'"),
        ("${oc.create:{k: '${a}'}}", "{'k': '1'}"),
        ("${oc.dict.keys:k}", "InterpolationResolutionError"),
        ("${oc.deprecated:a}", "1"),
        (
            "${now:%Y-%m-%d_%H-%M-%S.%f}",
            "'2026-03-01_12-34-56.789012'",
        ),
        ("${zz}", "InterpolationKeyError"),
        ("${..zz}", "InterpolationKeyError"),
        ("${m}", "InterpolationToMissingValueError"),
        ("${nobody:}", "UnsupportedInterpolationType"),
        ("${x}", "InterpolationResolutionError"),
        ("${a.b}", "InterpolationResolutionError"),
        ("${oc.env:NONE}", "InterpolationResolutionError"),
        ("${hydra:job.name}", "InterpolationResolutionError"),
    ];
    for (text, expected) in table {
        let mut root =
            conf("a: 1\nb: {c: cc, d: '${.c}', e: '${..a}'}\nl: [10, [3]]\nn: null\nm: ???");
        root.as_dict_mut().unwrap().set("x", text);
        let found = match in_world(|world| resolved(&root, world)) {
            Ok(value) => shown(value.get("x").unwrap()),
            Err(error) => error.class().to_string(),
        };
        assert_eq!(found, expected, "{text}");
    }
    let root = conf("b: {up: '${...a}'}");
    let error = in_world(|world| resolved(&root, world)).unwrap_err();
    assert_eq!(
        (error.class().to_string().as_str(), error.key()),
        ("InterpolationKeyError", Some("b.up"))
    );
}

#[test]
fn values_of_a_mapping_stay_bound_to_where_they_came_from() {
    let root = conf("o: {x: '${oc.dict.values:.y}', y: {a: '${..z}'}, z: 5}");
    let value = in_world(|world| resolved(&root, world)).unwrap();
    assert_eq!(shown(value.get("o").unwrap().get("x").unwrap()), "[5]");
}

#[test]
fn a_circle_or_a_doubling_is_an_error_and_never_hangs() {
    for text in [
        "a: ${b}\nb: ${a}",
        "a: ${a.b}",
        "a: {b: '${a}'}",
        "a: '${oc.select:a}'",
    ] {
        let root = conf(text);
        let found = class(in_world(|world| resolved(&root, world)));
        assert_eq!(found, "InterpolationResolutionError", "{text}");
    }
    let mut text = "k0: [x, x]\n".to_owned();
    for index in 1..60 {
        let before = index - 1;
        text.push_str(&format!("k{index}: ['${{k{before}}}', '${{k{before}}}']\n"));
    }
    let root = conf(&text);
    assert_eq!(
        class(in_world(|world| resolved(&root, world))),
        "RecursionError"
    );
    let chain: String = (0..5000)
        .map(|index| format!("k{index}: ${{k{}}}\n", index + 1))
        .collect();
    let root = conf(&format!("{chain}k5000: 1\n"));
    assert_eq!(
        class(in_world(|world| resolved(&root, world))),
        "InterpolationResolutionError"
    );
}

#[test]
fn selecting_gives_nothing_where_there_is_nothing() {
    let root = conf("a:\n  b: ${c}\n  m: ???\nc: [1, 2]");
    let ask = |key: &str| match in_world(|world| select(&root, key, world)) {
        Ok(found) => found.map_or("nothing".to_owned(), |value| shown(&value)),
        Err(error) => error.class().to_string(),
    };
    assert_eq!(ask("a.b[1]"), "2");
    assert_eq!(ask("a.b"), "[1, 2]");
    assert_eq!(ask("a.m"), "nothing");
    assert_eq!(ask("a.z"), "nothing");
    assert_eq!(ask("c.x"), "ConfigTypeError");
}
