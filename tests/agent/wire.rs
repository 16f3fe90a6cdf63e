//! What no good client sends: rubbish, much too much, nothing. Each is answered, and nothing hangs.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

struct Server {
    child: Child,
    out: BufReader<ChildStdout>,
    _home: TempDir,
}

impl Server {
    fn start() -> Self {
        let home = TempDir::new().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_hlrp-sh"))
            .arg("mcp")
            .current_dir(home.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            out,
            _home: home,
        }
    }

    fn ready() -> Self {
        let mut server = Self::start();
        let hello = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let answer = server.ask(
            &json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello})
                .to_string(),
        );
        assert_eq!(answer["result"]["protocolVersion"], "2025-06-18");
        assert_eq!(answer["result"]["serverInfo"]["name"], "hlrp-sh");
        server
    }

    fn send(&mut self, line: &[u8]) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(line).unwrap();
        stdin.write_all(b"\n").unwrap();
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no protocol on stdout: {line:?}"))
    }

    fn ask(&mut self, line: &str) -> Value {
        self.send(line.as_bytes());
        self.answer()
    }

    fn check(&mut self, id: u32, text: &str) -> Value {
        let params = json!({"name": "check", "arguments": {"line": text}});
        self.ask(
            &json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
                .to_string(),
        )
    }

    fn ends(&mut self) -> i32 {
        drop(self.child.stdin.take());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap();
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn rubbish_is_answered_and_the_next_message_too() {
    let mut server = Server::ready();
    let cases: [(&[u8], i64, Value); 8] = [
        (b"{", -32700, Value::Null),
        (b"\xff\xfe", -32700, Value::Null),
        (b"[]", -32600, Value::Null),
        (b"7", -32600, Value::Null),
        (b"{\"jsonrpc\":\"2.0\",\"id\":5}", -32600, json!(5)),
        (b"{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"no/such\"}", -32601, json!(6)),
        (b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":\"x\"}", -32602, json!(7)),
        (
            b"{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"tools/call\",\"params\":{\"name\":\"no\"}}",
            -32602,
            json!(8),
        ),
    ];
    for (line, code, id) in cases {
        server.send(line);
        let answer = server.answer();
        let line = String::from_utf8_lossy(line);
        assert_eq!(answer["error"]["code"], code, "{line}: {answer}");
        assert_eq!(answer["id"], id, "{line}: {answer}");
    }
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(server.ask(&nested)["error"]["code"], -32700);
    let judged = server.check(9, "rm x");
    assert_eq!(judged["result"]["structuredContent"]["decision"], "deny");
    assert_eq!(server.ends(), 0);
}

#[test]
fn much_too_much_is_refused_with_a_reason() {
    let mut server = Server::ready();
    let answer = server.check(1, &"x".repeat(10 * 1024 * 1024));
    assert_eq!(answer["id"], 1);
    assert_eq!(answer["result"]["isError"], true);
    assert!(answer.to_string().contains("at most 65536"), "{answer}");
    let answer = server.check(2, &"x".repeat(20 * 1024 * 1024));
    assert_eq!(answer["id"], 2, "it must not wait for ever");
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("longer than")
    );
    let judged = server.check(3, "ls");
    assert_eq!(judged["result"]["structuredContent"]["decision"], "allow");
    assert_eq!(server.ends(), 0);
}

#[test]
fn a_client_that_goes_is_not_waited_for() {
    assert_eq!(Server::start().ends(), 0);
    assert_eq!(Server::ready().ends(), 0);
    let mut server = Server::ready();
    server.send(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"meth");
    assert_eq!(server.ends(), 0);
}
