"""Drives `hlrp-sh mcp` with the Python package `mcp`, in both eras of the protocol.

    client.py PROGRAM HOME SCENARIO ERA        ERA: legacy (initialize) or auto (server/discover)

Exit status 0 where all is as it should be; else it says what was not.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
import traceback

import mcp_types as types
from mcp import ClientSession
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

PROGRAM, HOME, SCENARIO, ERA = sys.argv[1:5]
# What is looked for among the processes: nobody else has this number in it.
SLEEP = f"sleep {os.getpid()}"
ENVIRONMENT = {"HOME": HOME, "PATH": os.environ["PATH"], "HLRP_DSS": f"{HOME}/dss"}
for name in ("SLURM_CONF", "HLRP_DSS"):
    if name in os.environ:
        ENVIRONMENT[name] = os.environ[name]


class Agent:
    """One connection, whichever era it speaks."""

    def __init__(self, session, revision):
        self.session, self.revision = session, revision

    async def __call__(self, tool, **arguments):
        answer = await self.session.call_tool(tool, arguments)
        text = answer.content[0].text
        value = answer.structured_content or json.loads(text)
        if answer.structured_content is not None:
            assert json.loads(text) == value, "content and structured content differ"
        place = value["place"]
        for key in ("host_class", "host", "directory"):
            assert place[key], f"{tool}: no {key}"
        value["is_error"] = bool(answer.is_error)
        return value


class Connection:
    def __init__(self, person=None, name="scripted", cwd=None):
        self.person, self.cwd = person, cwd or HOME
        self.info = types.Implementation(name=name, version="1")

    async def __aenter__(self):
        parameters = StdioServerParameters(command=PROGRAM, args=["mcp"], env=ENVIRONMENT, cwd=self.cwd)
        if ERA == "auto":
            self.outer = Client(stdio_client(parameters), mode="auto", client_info=self.info,
                                elicitation_callback=self.person)
            session = await self.outer.__aenter__()
            self.inner = None
            revision = self.outer.protocol_version
        else:
            self.outer = stdio_client(parameters)
            read, write = await self.outer.__aenter__()
            self.inner = ClientSession(read, write, client_info=self.info, elicitation_callback=self.person)
            session = await self.inner.__aenter__()
            revision = (await session.initialize()).protocol_version
        return Agent(session, revision)

    async def __aexit__(self, *fault):
        if fault[1] is not None:
            # Clients that are unwound wait for their server; the test need not.
            traceback.print_exception(fault[1])
            sys.stderr.flush()
            os._exit(1)
        if self.inner:
            await self.inner.__aexit__(*fault)
        await self.outer.__aexit__(*fault)


def person(says, asked):
    async def answer(_context, parameters):
        asked.append(parameters.message)
        if says is None:
            return types.ElicitResult(action="decline")
        return types.ElicitResult(action="accept", content={"proceed": says})
    return answer


def denial(answer, rule):
    """Every part of a denial is there."""
    found = [one for one in answer["denials"] if one["rule"] == rule]
    assert found, f"no {rule} in {answer['denials']}"
    one = found[0]
    assert one["because"] and one["instead"], one
    assert 0 <= one["span"]["start"] < one["span"]["end"] <= len(one["line"].encode()), one
    return one


async def tools():
    """Six tools in a fixed order, with schemas and honest hints; every answer fits its schema (the client looks)."""
    async with Connection() as agent:
        wanted = "2026-07-28" if ERA == "auto" else "2025-11-25"
        assert agent.revision == wanted, agent.revision
        listed = (await agent.session.list_tools()).tools
        assert [tool.name for tool in listed] == ["check", "run", "submit", "jobs", "cancel", "policy"]
        for tool in listed:
            assert tool.input_schema["type"] == "object" and tool.output_schema["type"] == "object"
            assert tool.input_schema["additionalProperties"] is False
            for schema in (tool.input_schema, tool.output_schema):
                assert '"null"' not in json.dumps(schema), tool.name
            hints = tool.annotations
            assert hints.read_only_hint == (tool.name in ("check", "jobs", "policy")), tool.name
            assert hints.destructive_hint == (tool.name in ("run", "cancel")), tool.name
            assert hints.idempotent_hint is not None and hints.open_world_hint is not None
        resources = [str(one.uri) for one in (await agent.session.list_resources()).resources]
        assert resources[:3] == ["hlrp://policy", "hlrp://context", "hlrp://quota"], resources
        for uri in resources:
            contents = (await agent.session.read_resource(uri)).contents[0]
            value = json.loads(contents.text)
            assert value["schema"].startswith("hlrp.") and value["place"]["host"], uri
        templates = (await agent.session.list_resource_templates()).resource_templates
        assert len(templates) == 2
        explained = await agent("policy", rule="fs.no-delete")
        assert explained["parts"][0]["id"] == "fs.no-delete"
        permitted = (await agent("policy"))["permitted"]
        assert HOME in permitted["write_below"] and "ls" in permitted["examples"]
        missing = await agent("policy", rule="no.such")
        assert missing["is_error"] and "fs.no-delete" in missing["hint"]


async def correcting():
    """An agent that does what the first denial says gets through."""
    os.mkdir(f"{HOME}/runs")
    for name in ("runs/a.txt", "old.txt"):
        with open(f"{HOME}/{name}", "w") as file:
            file.write("precious")
    async with Connection() as agent:
        checked = await agent("check", line="rm -rf runs")
        assert checked["decision"] == "deny" and not checked["is_error"]
        told = denial(checked, "fs.no-delete")
        refused = await agent("run", line="rm -rf runs")
        assert refused["is_error"] and refused["decision"] == "deny" and "exit_code" not in refused
        assert denial(refused, "fs.no-delete") == told, "check and run must say the same"
        program, rest = told["instead"].split(" ", 1)
        assert program == "hlrp-sh", told
        done = await agent("run", line=f"{PROGRAM} {rest}")
        assert done["exit_code"] == 0, done
        assert not os.path.exists(f"{HOME}/runs")
        kernel = await agent("run", line="python3 -c 'import os; os.remove(\"old.txt\")'")
        assert kernel["decision"] == "allow" and kernel["exit_code"] == 1, kernel
        one = denial(kernel, "fs.no-delete")
        assert one["program"] == "python3" or "python" in one["program"], one
        assert one["path"] == f"{HOME}/old.txt", one
        assert os.path.exists(f"{HOME}/old.txt")


async def lasting():
    """Directory, variables and functions last; output is capped; what takes too long ends; `exit` is survived."""
    async with Connection() as agent:
        await agent("run", line="mkdir sub; cd sub; X=5; f() { echo \"f $1\"; }")
        second = await agent("run", line="f $X; pwd; false")
        assert second["stdout"]["text"] == f"f 5\n{HOME}/sub\n", second
        assert second["exit_code"] == 1 and second["place"]["directory"] == f"{HOME}/sub"
        checked = await agent("check", line="rm x")
        assert checked["denials"][0]["what"].endswith(f"{HOME}/sub/x"), "a stale directory"
        assert (await agent("run", line="cat; echo $?"))["stdout"]["text"] == "0\n", "standard input is empty"
        mixed = await agent("run", line="echo out; echo err >&2")
        assert (mixed["stdout"]["text"], mixed["stderr"]["text"]) == ("out\n", "err\n")
        long = await agent("run", line="seq 1 200000")
        out = long["stdout"]
        assert out["text"].startswith("1\n2\n") and out["text"].endswith("199999\n200000\n")
        assert len(out["text"]) < 40_000 and out["bytes"] == 1_288_895, out["bytes"]
        whole = await agent("run", line=f"wc -l < {out['whole']}")
        assert whole["stdout"]["text"].strip() == "200000", whole
        begun = time.time()
        slow = await agent("run", line="sleep 30", timeout_seconds=1)
        assert time.time() - begun < 10 and slow["exit_code"] == 130, slow
        assert any("longer than 1 s" in note for note in slow["notes"])
        assert (await agent("run", line="echo $X"))["stdout"]["text"] == "5\n", "the shell outlives an interrupt"
        await agent("run", line="for n in $(seq 100); do mkfifo $TMPDIR/.hlrp-out-$n $TMPDIR/.hlrp-err-$n; done")
        assert (await agent("run", line="echo through"))["stdout"]["text"] == "through\n", "names were foreseen"
        ended = await agent("run", line="exit 3")
        assert ended["exit_code"] == 3 and ended["notes"], ended
        fresh = await agent("run", line="echo \"[$X]\"; pwd")
        assert fresh["stdout"]["text"] == f"[]\n{HOME}/sub\n", fresh
        one, two = await asyncio.gather(agent("run", line="sleep 0.3; echo a"), agent("run", line="echo b"))
        assert (one["stdout"]["text"], two["stdout"]["text"]) == ("a\n", "b\n")


async def asking():
    """What must be asked about is asked, once for each; a no, and nobody, are denials."""
    bulk = "for i in $(seq 150); do echo $i > many/$i; done"
    line = "chmod 600 many/*"
    asked = []
    async with Connection(person(True, asked)) as agent:
        await agent("run", line=f"mkdir many; {bulk}")
        assert (await agent("check", line=line))["decision"] == "ask"
        done = await agent("run", line=line)
        assert done["decision"] == "allow" and done["exit_code"] == 0, done
        assert len(asked) == 1 and "fs.bulk" in asked[0] and line in asked[0], asked
        await agent("run", line=line)
        assert len(asked) == 2, "one yes is for one line"
    for says in (False, None):
        async with Connection(person(says, asked)) as agent:
            refused = await agent("run", line=line)
            assert refused["decision"] == "ask" and refused["is_error"], refused
            denial(refused, "fs.bulk")
            assert "said no" in refused["notes"][0]
    if ERA == "legacy":
        async def meanwhile(_context, _parameters):
            with open(f"{HOME}/many/another", "w"):
                pass
            return types.ElicitResult(action="accept", content={"proceed": True})

        async with Connection(meanwhile) as agent:
            refused = await agent("run", line=line)
            assert refused["decision"] == "ask" and refused["is_error"], "the yes was to less"
            assert "has changed" in refused["notes"][0], refused
    async with Connection() as agent:
        refused = await agent("run", line=line)
        assert refused["decision"] == "ask" and refused["is_error"]
        assert "nobody could be asked" in refused["notes"][0], refused


async def forging():
    """Nothing an agent says changes on whose behalf it acts, its law, its record, or another's session."""
    async with Connection(name="first agent") as one, Connection(name="second") as two:
        for key in ("origin", "agent", "session", "guard", "host_class"):
            answer = await one("run", line="true", **{key: "person"})
            assert answer["is_error"] and "unknown field" in answer["error"], answer
        mine = (await one("run", line="X=one; cd /; echo a > ~/one.txt; true"))["place"]
        other = (await two("run", line="echo \"[$X]\"; echo b > ~/two.txt"))
        assert mine["agent"] == "first-agent" and other["place"]["agent"] == "second"
        assert mine["session"] != other["place"]["session"]
        assert other["stdout"]["text"] == "[]\n" and other["place"]["directory"] == HOME
        attempts = [
            "echo '' > ~/.config/hlrp-sh/policy.toml", "mkdir -p ~/.config/hlrp-sh && touch ~/.config/hlrp-sh/policy.toml",
            "python3 -c 'open(\"%s/.config/hlrp-sh/policy.toml\", \"w\")'" % HOME,
            "cp /dev/null ~/.local/state/hlrp-sh/audit/heads.jsonl", "echo x >> ~/.local/state/hlrp-sh/audit/heads.jsonl",
            "python3 -c 'open(\"%s/.local/state/hlrp-sh/audit/heads.jsonl\", \"a\").write(\"x\")'" % HOME,
            "python3 -c 'import shutil; shutil.rmtree(\"%s/.hlrp\")'" % HOME,
            f"kill -9 {other_process(two)}", f"python3 -c 'import os; os.kill({other_process(two)}, 9)'",
            f"echo x > /tmp/hlrp-{other['place']['session']}/planted",
            f"python3 -c 'open(\"/tmp/hlrp-{other['place']['session']}/planted\", \"w\")'",
            f"{PROGRAM} resume", f"{PROGRAM} retained release --before 2099-01-01",
        ]
        for attempt in attempts:
            answer = await one("run", line=attempt)
            assert answer.get("exit_code") != 0, f"{attempt}: {answer}"
        assert (await two("run", line="echo alive"))["stdout"]["text"] == "alive\n"
        assert not os.path.exists(f"{HOME}/.config/hlrp-sh/policy.toml")
        for uri in (f"hlrp://audit/{other['place']['session']}", "hlrp://audit/../../x", "hlrp://audit/heads", "hlrp://nothing"):
            try:
                await one.session.read_resource(uri)
            except Exception:
                continue
            raise AssertionError(f"{uri} was shown")
        own = json.loads((await one.session.read_resource(f"hlrp://audit/{mine['session']}")).contents[0].text)
        origins = {record["origin"] for record in own["records"]}
        assert origins == {"agent:first-agent"}, origins
        forged = await one("run", line=f"env -u HLRP_AGENT HLRP_ORIGIN=person {PROGRAM} -c 'rm -rf one.txt'")
        assert forged.get("exit_code") != 0, forged
    verified = subprocess.run([PROGRAM, "audit", "verify"], env=ENVIRONMENT, cwd=HOME, capture_output=True, text=True)
    assert verified.returncode == 0, verified


def other_process(_agent):
    """A process of this user outside the agent's session: this very one."""
    return os.getpid()


async def ending():
    """A call that is cancelled stops its processes; a client that goes leaves nothing but what was detached."""
    told = []

    async def progress(done, _total, message):
        told.append((done, message))

    async with Connection() as agent:
        try:
            await asyncio.wait_for(
                agent.session.call_tool("run", {"line": f"echo begun; {SLEEP}21 | cat"}, progress_callback=progress), 3.5)
        except (TimeoutError, asyncio.TimeoutError):
            pass
        await asyncio.sleep(1.5)
        assert told and "begun" in told[0][1], told
        assert not running(SLEEP + "21"), "it was not stopped"
        assert (await agent("run", line="echo still"))["stdout"]["text"] == "still\n"
        await agent("run", line=f"{SLEEP}22 & sleep 0.1; nohup {SLEEP}23 > /dev/null 2>&1 & true")
        assert running(SLEEP + "22")
    await asyncio.sleep(4)
    assert not running(SLEEP + "22"), "it was left running"
    assert running(SLEEP + "23"), "what was detached goes on"
    for process in running(SLEEP + "23"):
        os.kill(process, 9)


async def working():
    """A whole task on a cluster, in the project that is the current directory; twice it does what it may not."""
    async with Connection(cwd=os.getcwd()) as agent:
        place = (await agent("policy"))["place"]
        assert place["host_class"] == "login" and place["directory"] == os.getcwd(), place

        # First: the outputs of an earlier run are in the way.
        checked = await agent("check", line="rm -rf outputs")
        assert checked["decision"] == "deny", checked
        instead = denial(checked, "fs.no-delete")["instead"]
        put_away = await agent("run", line=instead)
        assert put_away["exit_code"] == 0, put_away
        assert not os.path.exists("outputs")

        # Second: the job itself would delete.
        wish = ["experiment=slow", "submit.pre_commands=['rm -rf /home/hlrp/old']"]
        refused = await agent("submit", overrides=wish)
        assert refused["is_error"] and refused["decision"] == "deny", refused
        told = [one for one in refused["denials"] + refused["objects"] if "fs.no-delete" in json.dumps(one)]
        assert told, refused
        refused = await agent("submit", overrides=wish, dry_run=False)
        assert refused["decision"] == "deny", refused
        assert not jobs_of(await agent("jobs")), "nothing was queued"

        # Corrected, shown, queued.
        shown = await agent("submit", overrides=wish[:1])
        assert shown["decision"] == "allow" and "slow" in json.dumps(shown["objects"]), shown
        assert not jobs_of(await agent("jobs")), "a dry run queues nothing"
        queued = await agent("submit", overrides=wish[:1], dry_run=False)
        assert queued["exit_code"] == 0, queued
        (job,) = jobs_of(await agent("jobs"))

        # Followed until it has written, by its log and by the resource.
        for _ in range(120):
            status = await agent("jobs", job=job, log_lines=5)
            if "line " in status["said"]:
                break
            await asyncio.sleep(0.5)
        assert "line " in status["said"] and "RUNNING" in json.dumps(status["objects"]), status
        log = await agent.session.read_resource(f"hlrp://job/{job}/log")
        assert "line " in log.contents[0].text, log

        # The real client, by the session's own PATH.
        seen = await agent("run", line=f"squeue --noheader --format=%T --jobs={job}")
        assert seen["stdout"]["text"].strip() == "RUNNING", seen

        # Not wanted any more.
        cancelled = await agent("cancel", jobs=[job])
        assert cancelled["exit_code"] == 0, cancelled
        for _ in range(120):
            status = await agent("jobs", job=job)
            if "CANCELLED" in json.dumps(status["objects"]):
                break
            await asyncio.sleep(0.5)
        assert "CANCELLED" in json.dumps(status["objects"]), status


def jobs_of(answer):
    """The jobs of this project that have not ended, of an answer of `jobs`."""
    tag = os.path.basename(os.path.dirname(os.getcwd()))
    assert answer["exit_code"] == 0, answer
    ended = ("CANCELLED", "COMPLETED", "FAILED", "TIMEOUT")
    return [str(job["id"]) for job in answer["objects"]
            if job["name"].startswith(tag) and job["state"] not in ended]


async def dying():
    """A server that is killed takes what it started with it, but for what was detached."""
    try:
        async with Connection() as agent:
            await agent("run", line=f"{SLEEP}32 & sleep 0.1; nohup {SLEEP}33 > /dev/null 2>&1 & true")
            call = asyncio.create_task(agent("run", line=f"{SLEEP}31"))
            await asyncio.sleep(1)
            assert running(SLEEP + "31") and running(SLEEP + "32")
            (server,) = [number for number in running(f"{PROGRAM} mcp") if parent(number) == os.getpid()]
            os.kill(server, 9)
            await asyncio.gather(call, return_exceptions=True)
            await asyncio.sleep(4)
            assert not running(SLEEP + "31"), "the line was left running"
            assert not running(SLEEP + "32"), "the line's background was left running"
            assert running(SLEEP + "33"), "what was detached goes on"
            for process in running(SLEEP + "33"):
                os.kill(process, 9)
    except (BrokenPipeError, ConnectionError):
        pass


def parent(process):
    with open(f"/proc/{process}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


def running(command):
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                if file.read().replace(b"\0", b" ").decode().strip() == command:
                    found.append(int(process))
        except OSError:
            pass
    return found


asyncio.run(globals()[SCENARIO]())
print(f"{SCENARIO} {ERA}: as it should be")
