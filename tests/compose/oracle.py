#!/usr/bin/env python3
"""What the real Hydra 1.3 and OmegaConf say: JSON lines in, one answer a line out.

A case has an `id`, an `op` (compose, override, yaml, resolve) and what that needs; relative directories count from
$CASES_ROOT. Values are encoded so that nothing is lost on the way: 1 and 1.0 differ, a mapping with keys that are no
text becomes {"$map": [[key, value], …]}. `examples/compose_oracle.rs` answers the same lines in the same way.
"""

import datetime
import enum
import json
import math
import os
import pathlib
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")

import hydra.core.utils
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser import types
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig, ListConfig, OmegaConf

NOW = datetime.datetime(2026, 3, 1, 12, 34, 56, 789012)  # `now` stands still
ROOT = os.environ.get("CASES_ROOT", os.getcwd())
EXPANDED_LIMIT = 200

# The parts of Hydra's own node that are compared.
HYDRA_KEYS = """
    run.dir sweep.dir sweep.subdir job.name job.override_dirname job.config_name job.id job.num job.chdir
    overrides.task overrides.hydra runtime.choices runtime.config_sources runtime.version mode verbose searchpath
    output_subdir launcher sweeper env job.env_set job_logging.version hydra_logging.version
""".split()

# ----------------------------------------------------------------- encoding


def encode(value):
    """Returns what JSON can carry of a value without loss."""
    match value:
        case None | bool() | str():
            return value
        case enum.Enum():
            return {"$enum": f"{type(value).__name__}.{value.name}"}
        case pathlib.PurePath():
            return {"$path": str(value)}
        case int():
            return value if -(2**63) <= value < 2**63 else {"$int": str(value)}
        case float():
            if math.isfinite(value):
                return value
            return {"$float": "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"}
        case bytes() | bytearray():
            return {"$bytes": value.hex()}
        case types.QuotedString():
            return {"$quoted": value.text, "quote": value.quote.name}
        case types.Glob():
            return {"$glob": {"include": encode(value.include), "exclude": encode(value.exclude)}}
        case types.ChoiceSweep():
            return {
                "$choice": encode(value.list),
                "tags": sorted(value.tags),
                "simple_form": value.simple_form,
                "shuffle": value.shuffle,
            }
        case types.RangeSweep():
            ends = [value.start, value.stop, value.step]
            return {"$range": encode(ends), "tags": sorted(value.tags), "shuffle": value.shuffle}
        case types.IntervalSweep():
            return {"$interval": encode([value.start, value.end]), "tags": sorted(value.tags)}
        case list() | tuple() | ListConfig():
            return [encode(item) for item in value]
        case dict():
            if all(isinstance(key, str) and not key.startswith("$") for key in value):
                return {key: encode(item) for key, item in value.items()}
            return {"$map": [[encode(key), encode(item)] for key, item in value.items()]}
        case _:
            return {"$repr": repr(value)}


def fault(error):
    return {"class": type(error).__name__, "msg": str(error)}


def attempt(what):
    """Returns (what it gives, None) or (None, its error)."""
    try:
        return what(), None
    except Exception as error:  # noqa: BLE001 - any error is an answer
        return None, fault(error)


# --------------------------------------------------------------- operations


def plain(config, resolve):
    return encode(OmegaConf.to_container(config, resolve=resolve))


def compose_case(case):
    directory = os.path.join(ROOT, case["config_dir"])
    with_hydra = bool(case.get("return_hydra_config"))
    GlobalHydra.instance().clear()
    with initialize_config_dir(
        config_dir=directory, job_name=case.get("job_name", "app"), version_base=case.get("version_base")
    ):
        config = compose(
            config_name=case["config_name"],
            overrides=list(case.get("overrides") or []),
            return_hydra_config=with_hydra,
        )
        return answer_with_hydra(config) if with_hydra else answer(config)


def answer(config):
    resolved, error = attempt(lambda: plain(config, True))
    missing, _ = attempt(lambda: sorted(OmegaConf.missing_keys(config)))
    return {
        "unresolved": plain(config, False),
        "resolved": resolved,
        "resolve_error": error,
        "yaml": OmegaConf.to_yaml(config, resolve=False),
        "missing": missing,
    }


def answer_with_hydra(config):
    def selected(key):
        value = OmegaConf.select(config, f"hydra.{key}", throw_on_missing=True)
        return plain(value, True) if OmegaConf.is_config(value) else encode(value)

    def resolved_part():
        part = {}
        for name in config:
            if name == "hydra":
                continue
            value = "???" if OmegaConf.is_missing(config, name) else config[name]
            part[name] = plain(value, True) if OmegaConf.is_config(value) else encode(value)
        return part

    node = {}
    for key in HYDRA_KEYS:
        value, error = attempt(lambda key=key: selected(key))
        node[f"hydra.{key}"] = {"$error": error["class"]} if error else value
    unresolved = OmegaConf.to_container(config, resolve=False)
    unresolved.pop("hydra", None)
    resolved, error = attempt(resolved_part)
    return {"unresolved": encode(unresolved), "resolved": resolved, "resolve_error": error, "hydra": node}


PARSER = OverridesParser.create()


def override_case(case):
    override = PARSER.parse_override(case["input"])
    value = override._value  # noqa: SLF001 - sweeps are seen here alone
    found = {
        "type": override.type.name,
        "key": override.key_or_group,
        "package": override.package,
        "value_type": override.value_type.name if override.value_type else None,
        "value": encode(value),
    }
    if is_expandable(override):
        expanded, error = attempt(lambda: list(expand(override)))
        found["expanded"] = {"$error": error["class"]} if error else expanded
    return found


def is_expandable(override):
    if override.value_type is None or not override.is_sweep_override() or override.is_interval_sweep():
        return False
    is_random = getattr(override._value, "shuffle", False)  # noqa: SLF001
    return override.value_type != types.ValueType.GLOB_CHOICE_SWEEP and not is_random


def expand(override):
    for count, text in enumerate(override.sweep_string_iterator()):
        if count == EXPANDED_LIMIT:
            return
        yield text


def yaml_case(case):
    if case.get("via") != "file":
        config = OmegaConf.create(case["text"])
    else:
        data = bytes.fromhex(case["bytes_hex"]) if "bytes_hex" in case else case["text"].encode()
        with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
            file.write(data)
            file.flush()
            config = OmegaConf.load(file.name)
    return {"value": plain(config, False), "yaml": OmegaConf.to_yaml(config)}


def resolve_case(case):
    config = OmegaConf.create(case["obj"] if "obj" in case else case["text"])
    if "key" not in case:
        return {"value": plain(config, True)}
    value = OmegaConf.select(config, case["key"], throw_on_missing=True, throw_on_resolution_failure=True)
    return {"value": plain(value, True) if OmegaConf.is_config(value) else encode(value)}


OPERATIONS = {
    "compose": compose_case,
    "override": override_case,
    "yaml": yaml_case,
    "resolve": resolve_case,
}

# ---------------------------------------------------------------- the lines


def stop_the_clock():
    """`now` always says the same; Hydra registers its own at every start."""

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW

    hydra.core.utils.datetime = Clock
    register = hydra.core.utils.setup_globals

    def registering():
        register()
        OmegaConf.register_new_resolver("now", NOW.strftime, use_cache=True, replace=True)

    hydra.core.utils.setup_globals = registering
    for name in ("hydra._internal.hydra", "hydra.initialize"):
        module = sys.modules.get(name)
        if hasattr(module, "setup_globals"):
            module.setup_globals = registering
    registering()


def reply(case):
    before = dict(os.environ)
    for name, value in (case.get("env") or {}).items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    os.chdir(ROOT)
    OmegaConf.clear_cache(DictConfig({}))
    try:
        found, error = attempt(lambda: OPERATIONS[case.get("op", "compose")](case))
    finally:
        os.environ.clear()
        os.environ.update(before)
    if error:
        return {"id": case["id"], "ok": False, "error": error}
    return {"id": case["id"], "ok": True, **found}


def main():
    stop_the_clock()
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(reply(json.loads(line)), allow_nan=False), flush=True)


if __name__ == "__main__":
    main()
