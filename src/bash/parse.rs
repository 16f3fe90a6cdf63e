//! Text to syntax tree, within limits: size, nesting, stack. What does not fit is
//! an error with a reason, never a guess.

use std::panic::{AssertUnwindSafe, catch_unwind};

use brush_parser::ast::Program;
use brush_parser::{ParseError, ParserOptions, Token, TokenizerError, TokenizerOptions};

/// Longer input is not parsed.
const TEXT_LIMIT: usize = 64 * 1024;
/// Deeper nesting is not parsed.
const NESTING_LIMIT: usize = 200;
/// Up to here the caller's own stack will do.
const SHORT: usize = 4 * 1024;
const SHALLOW: usize = 24;
/// Openings of arithmetic inside each other; the parser backtracks over them.
const ARITHMETIC_LIMIT: usize = 6;
const STACK: usize = 256 * 1024 * 1024;

/// Why a text does not parse.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It cannot be cut into tokens.
    Token(TokenizerError),
    /// It can, but they end too early.
    End(Vec<Token>),
    /// It is wrong wherever it goes on.
    Wrong,
}

/// Returns why a text does not parse; nothing where it does.
pub(crate) fn fault(text: &str) -> Option<Fault> {
    if check_size(text).is_err() || text.contains('\0') {
        return Some(Fault::Wrong);
    }
    let look = |text: &str| match tokens(text) {
        Err(error) => Some(Fault::Token(error)),
        Ok(tokens) => match brush_parser::parse_tokens(&tokens, &ParserOptions::default()) {
            Ok(_) => None,
            Err(ParseError::ParsingAtEndOfInput) => Some(Fault::End(tokens)),
            Err(_) => Some(Fault::Wrong),
        },
    };
    let guarded =
        |text: &str| catch_unwind(AssertUnwindSafe(|| look(text))).unwrap_or(Some(Fault::Wrong));
    match guarded(text) {
        // NOTE: as in `program`, a `select` is a `for`.
        Some(Fault::Wrong | Fault::End(_)) if text.contains("select ") => {
            guarded(&text.replace("select ", "for    "))
        }
        found => found,
    }
}

/// Cuts a text into tokens.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, TokenizerError> {
    let tokenizer = TokenizerOptions {
        enable_extended_globbing: true,
        posix_mode: false,
        sh_mode: false,
    };
    brush_parser::uncached_tokenize_str(text, &tokenizer)
}

/// Parses a whole program.
pub(crate) fn program(text: &str) -> Result<Program, String> {
    check_size(text)?;
    if text.contains('\0') {
        return Err("the text holds a NUL byte".into());
    }
    let ended;
    let text = if text.contains("<<") && !text.ends_with('\n') {
        // NOTE: a here-document's last line may end the input in bash, not in the parser.
        ended = format!("{text}\n");
        ended.as_str()
    } else {
        text
    };
    let options = ParserOptions::default();
    // NOTE: the tokenizer may break off on spoiled here-documents; then it does not parse.
    let guarded = |text: &str| {
        let tokens = tokens(text).map_err(|error| format!("it does not parse: {error}"))?;
        brush_parser::parse_tokens(&tokens, &options)
            .map_err(|error| format!("it does not parse: {error}"))
    };
    let parse = |text: &str| {
        catch_unwind(AssertUnwindSafe(|| guarded(text)))
            .unwrap_or_else(|_| Err("it does not parse".to_owned()))
    };
    match parse(text) {
        // NOTE: the parser knows no `select`; as far as what it does goes it is a `for` loop.
        Err(reason) if text.contains("select ") => {
            parse(&text.replace("select ", "for    ")).map_err(|_| reason)
        }
        done => done,
    }
}

/// Runs the analysis with enough stack for this text: here when it is small, else
/// on a thread of its own. A panic is an error like any other: the text is `Unknown`.
pub(crate) fn with_room<T: Send>(text: &str, work: impl FnOnce() -> T + Send) -> Result<T, String> {
    let depth = check_size(text)?;
    let work = move || catch_unwind(AssertUnwindSafe(work)).map_err(|_| "the analyser broke off");
    if text.len() <= SHORT && depth <= SHALLOW {
        return work().map_err(str::to_owned);
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("analyse".into())
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(|error| format!("no thread to parse it on: {error}"))?;
        match thread.join() {
            Ok(done) => done.map_err(str::to_owned),
            Err(_) => Err("the analyser broke off".into()),
        }
    })
}

fn check_size(text: &str) -> Result<usize, String> {
    if text.len() > TEXT_LIMIT {
        return Err(format!("it is longer than {TEXT_LIMIT} bytes"));
    }
    let (depth, arithmetic) = nesting(text);
    if depth > NESTING_LIMIT {
        return Err(format!("it nests deeper than {NESTING_LIMIT}"));
    }
    if arithmetic > ARITHMETIC_LIMIT {
        return Err(format!("arithmetic nests deeper than {ARITHMETIC_LIMIT}"));
    }
    Ok(depth)
}

/// Returns how deep the text may nest, and how deep arithmetic may: an upper bound,
/// since quotes are not looked at and only closing words count back.
fn nesting(text: &str) -> (usize, usize) {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut arithmetic, mut most) = (0_usize, 0_usize);
    let mut before = ' ';
    let mut word = String::new();
    for letter in text.chars() {
        match letter {
            '(' | '{' => {
                depth += 1;
                arithmetic += usize::from(before == '(');
            }
            ')' | '}' => {
                depth = depth.saturating_sub(1);
                arithmetic = arithmetic.saturating_sub(usize::from(before == ')'));
            }
            '`' => deepest = deepest.max(depth + 1),
            _ => {}
        }
        if letter.is_ascii_lowercase() {
            word.push(letter);
        } else {
            match word.as_str() {
                "if" | "while" | "until" | "for" | "case" | "select" => depth += 1,
                "fi" | "done" | "esac" => depth = depth.saturating_sub(1),
                _ => {}
            }
            word.clear();
        }
        deepest = deepest.max(depth);
        most = most.max(arithmetic);
        before = letter;
    }
    (deepest, most)
}
