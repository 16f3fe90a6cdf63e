"""Cases that nobody thought of: overrides, YAML, interpolations and small trees from a seed.

The same seed gives the same cases. Two thirds of the texts are made by the grammar, the others are such texts with a few
characters changed, so that both sides must refuse the same ones.
"""

import random
from pathlib import Path

WORDS = ["a", "b", "lr", "db", "x1", "model", "True", "no", "null", "nan", "on", "e3", "_x", "a-b", "1e-4", "012", "é"]
NUMBERS = ["0", "1", "-1", "+2", "1.5", "1e3", "1e-4", ".5", "1.", "012", "1_000", "1__0", "0x1F", "inf", "-nan", "1:30", "12:34:56"]
PUNCTUATION = list("/-\\+.$%*@?|:")
NOISE = list("{}[](),:='\"\\$~+@./ #&*!?|>%-0e1a\t")


def cases(seed, count, directory):
    """Returns `count` cases of each kind; the trees are written below `directory`."""
    chance = random.Random(seed)
    found = []
    makers = [("overrides", override), ("yaml", document), ("resolve", resolution)]
    for kind, make in makers:
        for number in range(count):
            found.append({"id": f"random-{kind}:{seed}:{number}", "category": f"random {kind}", **make(chance)})
    for number in range(count // 2):
        name = f"tree{number}"
        Tree(chance, Path(directory, name)).write()
        for again in range(2):
            found.append(
                {
                    "id": f"random-tree:{seed}:{number}:{again}",
                    "category": "random trees",
                    "op": "compose",
                    "config_dir": str(Path(directory, name)),
                    "config_name": "config",
                    "overrides": tree_overrides(chance) if again else [],
                    "return_hydra_config": chance.random() < 0.2,
                }
            )
    return found


def mutated(chance, text):
    """Changes a few characters of every third text."""
    if chance.random() < 0.7 or not text:
        return text
    letters = list(text)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(letters) + 1)
        what = chance.random()
        if what < 0.4:
            letters.insert(place, chance.choice(NOISE))
        elif what < 0.7 and place < len(letters):
            del letters[place]
        elif place < len(letters):
            letters[place] = chance.choice(NOISE)
    return "".join(letters)


# ---------------------------------------------------------------- overrides


def override(chance):
    sign = chance.choice(["", "", "", "", "+", "++", "~"])
    text = sign + key(chance)
    if sign != "~" or chance.random() < 0.5:
        text += "=" + sweep(chance)
    return {"op": "override", "input": mutated(chance, text)}


def key(chance):
    parts = [chance.choice([*["a", "b", "lr", "db"] * 4, "x1", "0", "12", "a-b", "$x", "hydra", "_global_"]) for _ in range(chance.randint(1, 3))]
    text = parts[0] + "".join(chance.choice(["/", ".", "."]) + part for part in parts[1:])
    if chance.random() < 0.2:
        text += "@" + chance.choice(["x", "a.b", "_global_", "_group_", "a:b", ":b", ""])
    return text


def sweep(chance):
    what = chance.random()
    if what < 0.6:
        return element(chance, 3)
    if what < 0.8:
        return chance.choice([",", ", ", " ,"]).join(element(chance, 2) for _ in range(chance.randint(2, 4)))
    return function(chance, 2)


def element(chance, depth):
    what = chance.random()
    if depth == 0 or what < 0.5:
        return primitive(chance)
    if what < 0.65:
        return quoted(chance)
    if what < 0.75:
        return "[" + chance.choice([",", ", "]).join(element(chance, depth - 1) for _ in range(chance.randint(0, 3))) + "]"
    if what < 0.85:
        pairs = [
            f"{chance.choice(WORDS + NUMBERS)}:{chance.choice(['', ' '])}{element(chance, depth - 1)}"
            for _ in range(chance.randint(0, 3))
        ]
        return "{" + ",".join(pairs) + "}"
    if what < 0.93:
        return interpolation(chance, 1)
    return function(chance, depth - 1)


def primitive(chance):
    if chance.random() < 0.4:
        return chance.choice(NUMBERS)
    pieces = [chance.choice(WORDS + NUMBERS + PUNCTUATION + [" ", "\\,", "\\ ", "\\(", "\\=", "\\\\"]) for _ in range(chance.randint(1, 4))]
    return "".join(pieces)


def quoted(chance):
    mark = chance.choice("'\"")
    inside = "".join(
        chance.choice([*WORDS, " ", ",", "=", "\\" + mark, "\\\\", "\\n", "${a}", "'" if mark == '"' else '"', "{", "]"])
        for _ in range(chance.randint(0, 4))
    )
    return mark + inside + mark


def function(chance, depth):
    name = chance.choice(["choice", "range", "interval", "int", "float", "str", "bool", "json_str", "sort", "glob", "tag", "extend_list", "nope"])
    if name in ("range", "interval"):
        arguments = [chance.choice(["0", "1", "2", "5", "10", "-1", "0.5", "1.5"]) for _ in range(chance.randint(1, 3))]
        if chance.random() < 0.2:
            arguments = [f"start={arguments[0]}", *(f"stop={arguments[-1]}" for _ in range(1))]
    else:
        arguments = [element(chance, depth) if depth > 0 else primitive(chance) for _ in range(chance.randint(0, 3))]
        if name == "sort" and chance.random() < 0.3:
            arguments.append("reverse=true")
    return f"{name}({chance.choice([',', ', ']).join(arguments)})"


# --------------------------------------------------------------------- YAML


def document(chance):
    lines = block(chance, 0, 3)
    return {"op": "yaml", "text": mutated(chance, "\n".join(lines) + "\n")}


def block(chance, indent, depth):
    lines = []
    pad = " " * indent
    for number in range(chance.randint(1, 4)):
        name = chance.choice([f"k{number}", f"k{number}", *[f"k{number}"] * 8, str(number), f'"q {number}"', "yes", "1.5", "null", "a.b"])
        what = chance.random()
        if depth and what < 0.2:
            lines += [f"{pad}{name}:", *block(chance, indent + 2, depth - 1)]
        elif depth and what < 0.35:
            lines.append(f"{pad}{name}:")
            lines += [f"{pad}- {scalar(chance)}" for _ in range(chance.randint(1, 3))]
        elif what < 0.5:
            lines.append(f"{pad}{name}: {flow(chance, 2)}")
        elif what < 0.56:
            style = chance.choice(["|", ">", "|-", ">-", "|+"])
            lines += [f"{pad}{name}: {style}", f"{pad}  {chance.choice(WORDS)} {scalar(chance)}", f"{pad}    more", ""]
        elif what < 0.6:
            lines.append(f"{pad}{name}: &n{number} {flow(chance, 1)}")
            lines.append(f"{pad}copy{number}: *n{number}")
        else:
            lines.append(f"{pad}{name}: {scalar(chance)}{chance.choice(['', '', '', '  # why', ' '])}")
    return lines


def scalar(chance):
    what = chance.random()
    if what < 0.35:
        return chance.choice(NUMBERS + ["0o17", "0b101", "1:60", "190:20:30", "1e+3", "1.e5", "-.inf", ".NaN", "2026-03-01", "08:00:00", "15:00:00", "1_0.5"])
    if what < 0.6:
        return chance.choice(["yes", "No", "on", "OFF", "y", "n", "True", "tRUE", "null", "~", "Null", "", "=", "<<", "???", "-", "- x", "a: b", "a:b", "a #b", "a#b"])
    if what < 0.75:
        return quoted(chance)
    if what < 0.9:
        return interpolation(chance, 2)
    return "".join(chance.choice(WORDS + PUNCTUATION + [" "]) for _ in range(chance.randint(1, 4)))


def flow(chance, depth):
    if chance.random() < 0.5:
        return "[" + ", ".join(flow(chance, depth - 1) if depth and chance.random() < 0.3 else scalar(chance) for _ in range(chance.randint(0, 3))) + "]"
    pairs = [f"{chance.choice(['p', 'q', '1', 'yes', 'z z'])}{n}: {scalar(chance)}" for n in range(chance.randint(0, 3))]
    return "{" + ", ".join(pairs) + "}"


# ----------------------------------------------------------- interpolations

BASE = {
    "a": 1,
    "b": {"c": "x", "d": [10, 20.5, {"e": None}], "up": "${..a}", "own": "${.c}"},
    "l": ["p", "${a}", True],
    "k": "c",
    "n": None,
    "t": "a b",
    "q": "[1, 2]",
    "m": "???",
}
PATHS = ["a", "b.c", "b[c]", "b.d[1]", "b.d.2.e", "b", "b.d", "l[1]", "l.2", "k", "n", "t", "q", "m", "b.up", "b.own", ".a", "..a", "b.${k}", "gone", "l[-1]", "${k}"]


def interpolation(chance, depth):
    if depth == 0 or chance.random() < 0.6:
        return "${" + chance.choice(PATHS) + "}"
    name = chance.choice(["oc.env", "oc.select", "oc.decode", "oc.create", "oc.dict.keys", "oc.dict.values", "now", "nope"])
    arguments = {
        "oc.env": lambda: ["HLRPT_" + chance.choice("XYZ"), *([argument(chance, depth)] if chance.random() < 0.7 else [])],
        "oc.select": lambda: [chance.choice(PATHS[:14]), *([argument(chance, depth)] if chance.random() < 0.5 else [])],
        "now": lambda: ["%Y-%m-%d"],
    }.get(name, lambda: [argument(chance, depth)])()
    return "${" + name + ":" + chance.choice([",", ", "]).join(arguments) + "}"


def argument(chance, depth):
    what = chance.random()
    if what < 0.3:
        return chance.choice(NUMBERS + WORDS)
    if what < 0.5:
        return quoted(chance)
    if what < 0.7:
        return interpolation(chance, depth - 1)
    if what < 0.8:
        return "[" + ",".join(chance.choice(NUMBERS + WORDS) for _ in range(chance.randint(0, 3))) + "]"
    if what < 0.9:
        return "{x:" + chance.choice(NUMBERS) + ",y:" + chance.choice(WORDS) + "}"
    return chance.choice(["a/b", "a b", "x y z", "", "b", "l", "%H:%M", "a-b", "~", "*.x"])


def resolution(chance):
    pieces = [interpolation(chance, 2)]
    while chance.random() < 0.3:
        pieces.append(chance.choice(["x", " ", "-", "\\", "$", "}", "{", interpolation(chance, 1)]))
    chance.shuffle(pieces)
    value = mutated(chance, "".join(pieces))
    place = chance.choice(["v", "v", "deep"])
    config = dict(BASE, **{place: value if place == "v" else {"in": {"v": value, "w": "${.v}"}}})
    return {"op": "resolve", "obj": config, "key": place, "env": {"HLRPT_X": "1e3", "HLRPT_Y": "a b", "HLRPT_Z": None}}


# -------------------------------------------------------------------- trees

GROUPS = {"db": ["my", "pg", "lite"], "net": ["small", "big"], "net/head": ["one", "two"], "opt": ["adam", "sgd"]}
HEADERS = ["", "", "", "# @package _global_\n", "# @package _group_\n", "# @package x.y\n", "# @package _group_.z\n"]
PACKAGES = ["", "", "", "@_global_", "@_here_", "@p", "@p.q", "@_group_", "@_global_.g", "@_here_.h"]


BODIES = {
    "name": ["one", "1e-4", "012", "yes", "12:34:56", "???", "${size}", "${oc.select:db.name,none}"],
    "size": None,  # any number
    "deep": ["{x: 1, y: {z: 1}}", "{x: 0x1F, y: null}", "{x: .5, y: [1, 2]}", '{x: 1e3, y: "${.x}"}', "{x: 012, y: text}"],
    "list": ["[1, 2]", "[]", "[{a: 1}]", '["${size}"]', "null"],
    "p": ["{q: 1}", "{q: {r: 2}}", "{q: null}"],
    "db": ["{name: mine}", '{name: "${name}"}', "{name: null}"],
}


class Tree:
    """A primary config and four groups, whose defaults lists refer to each other."""

    def __init__(self, chance, place):
        self.chance = chance
        self.place = place

    def write(self):
        chance = self.chance
        self.file("config", self.defaults(primary=True) + self.body())
        for group, options in GROUPS.items():
            for option in options:
                has_defaults = chance.random() < 0.2
                text = chance.choice(HEADERS) + (self.defaults(group=group) if has_defaults else "") + self.body()
                self.file(f"{group}/{option}", text)

    def file(self, name, text):
        path = self.place / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def defaults(self, primary=False, group=None):
        chance = self.chance
        items = list(dict.fromkeys(self.item(primary, group) for _ in range(chance.randint(1, 3))))
        where = chance.random()
        if where < 0.4:
            items.insert(0, "_self_")
        elif where < 0.7:
            items.append("_self_")
        listed = [item.split(":")[0] for item in items if item.split("@")[0].split(":")[0] in GROUPS]
        if primary and listed and chance.random() < 0.3:
            name = chance.choice(listed)
            items.append(f"override {name}: {chance.choice(GROUPS[name.split('@')[0]])}")
        return "defaults:\n" + "".join(f"  - {item}\n" for item in items) + "\n"

    def item(self, primary, group):
        chance = self.chance
        other = chance.choice([name for name in GROUPS if name != group])
        prefix = "" if primary else "/"
        if group == "net" and chance.random() < 0.4:
            prefix, other = "", "net/head"
            return f"head{chance.choice(PACKAGES)}: {chance.choice(GROUPS[other])}"
        what = chance.random()
        if what < 0.12:
            return f"optional {prefix}{self.choice(other)}x"
        if what < 0.2:
            return f"{prefix}{other}: null"
        if what < 0.3:
            return f"{prefix}{other}: [{', '.join(GROUPS[other])}]"
        if what < 0.32 and not primary:
            return f"override {prefix}{self.choice(other)}"
        if what < 0.36 and group:
            return chance.choice(GROUPS[group])
        if what < 0.42:
            return f"{prefix}{other}/{chance.choice(GROUPS[other])}"
        if what < 0.43:
            return f"{prefix}net/head: ${{opt}}"
        return f"{prefix}{self.choice(other)}"

    def choice(self, group):
        return f"{group}{self.chance.choice(PACKAGES)}: {self.chance.choice(GROUPS[group])}"

    def body(self):
        chance = self.chance
        lines = []
        for name in chance.sample(list(BODIES), chance.randint(0, 3)):
            lines.append(f"{name}: {chance.choice(BODIES[name] or NUMBERS)}")
        return "".join(line + "\n" for line in lines)


def tree_overrides(chance):
    found = []
    for _ in range(chance.randint(1, 3)):
        group = chance.choice(list(GROUPS))
        what = chance.random()
        sign = chance.choice(["", "", "", "+", "++", "~"])
        if what < 0.45:
            package = chance.choice(["", "", "", "@p", "@_global_", "@p.q"])
            text = f"{sign}{group}{package}"
            if sign != "~" or chance.random() < 0.5:
                text += f"={chance.choice([*GROUPS[group], 'absent', 'null'])}"
        else:
            name = chance.choice(["name", "size", "deep.x", "deep.y.z", "list.0", "list", "p.q", "db.name", "db", "new", "new.sub", "net.head.name"])
            text = f"{sign}{name}"
            if sign != "~" or chance.random() < 0.3:
                text += f"={chance.choice([*NUMBERS, 'text', 'null', '[1,2]', '{a:1}', '${size}', '???', 'a,b', chr(39) + '1' + chr(39)])}"
        found.append(text)
    return found
