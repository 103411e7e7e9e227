//! The curl lines of `docs/agent-api.md` and the answers below them. That the answers are true is tested where a real
//! agent gives them (`tests/tests/agent_api.rs`).

use serde_json::Value;

/// One call that is shown.
pub(super) struct Example {
    method: String,
    /// Without scheme, host and query.
    path: String,
    pub(super) body: Option<Value>,
    answer: Option<Value>,
    /// Whether the answer is one that programs will see.
    is_whole: bool,
}

impl Example {
    pub(super) fn answer(&self) -> Option<&Value> {
        self.answer.as_ref().filter(|_| self.is_whole)
    }

    /// What stands where the path has a name; nothing where a variable of the shell does.
    pub(super) fn in_path(&self, path: &str) -> Option<&str> {
        let mut segments = self.path.split('/').zip(path.split('/'));
        segments.find(|(_, known)| known.starts_with('{')).map(|(shown, _)| shown).filter(|it| !it.starts_with('$'))
    }

    /// `/v1/sign-ins/$id` is of `/v1/sign-ins/{id}`.
    pub(super) fn is_of(&self, method: &str, path: &str) -> bool {
        let segments = |path: &str| path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let (shown, known) = (segments(&self.path), segments(path));
        let fits = |(shown, known): (&String, &String)| shown == known || known.starts_with('{');
        self.method.eq_ignore_ascii_case(method) && shown.len() == known.len() && shown.iter().zip(&known).all(fits)
    }
}

/// All of a page: a block `sh` that ends with a curl line, and a block `json` directly below it where the call answers.
pub(super) fn of(page: &str) -> Vec<Example> {
    let mut examples = Vec::new();
    let mut blocks = page.split("\n```").skip(1);
    // What stands between two marks is a block, then text, then a block.
    while let Some(block) = blocks.next() {
        blocks.next();
        let (kind, inside) = block.split_once('\n').unwrap_or((block, ""));
        match kind {
            "sh" => examples.extend(curl(inside)),
            "json" => {
                if let Some(last) = examples.last_mut().filter(|last: &&mut Example| last.answer.is_none()) {
                    let answer: Value =
                        serde_json::from_str(inside).unwrap_or_else(|fault| panic!("{fault}: {inside}"));
                    // A refusal is not what the call answers when all is well; what leaves something out is no example.
                    last.is_whole = answer.get("error").is_none_or(Value::is_null) && !inside.contains("\"…\"");
                    last.answer = Some(answer);
                }
            }
            _ => {}
        }
    }
    examples
}

fn curl(block: &str) -> Option<Example> {
    let line = block.replace("\\\n", " ");
    // What stands before the last line leads up to it.
    let line = line.lines().rfind(|line| line.contains("curl ") && line.contains("http://doorkey/"))?.to_owned();
    let address = line.split("http://doorkey").nth(1)?;
    let path = address.split(|c: char| c.is_whitespace() || "'\"?)|".contains(c)).next()?.to_owned();
    let body = line.split("--json '").nth(1).and_then(|rest| rest.split('\'').next());
    let named = line.split("--request ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let method = named.unwrap_or(if body.is_some() { "POST" } else { "GET" }).to_owned();
    let body = body.map(|body| serde_json::from_str(body).unwrap_or_else(|fault| panic!("{fault}: {body}")));
    Some(Example { method, path, body, answer: None, is_whole: false })
}
