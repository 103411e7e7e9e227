//! The recipes for continuous integration: they are what their readers take, and name what is there. Their commands of ours
//! are run with the rest of the guide.

use std::process::Command;

use doorkey_tests::page::{Page, Part};
use doorkey_tests::skipped;
use doorkey_tests::sources::{read, root};
use saphyr_parser::{Event, Parser};

/// Each text of a YAML document with the way to it, such as `jobs/login/steps/0/uses`.
fn texts(yaml: &str) -> Vec<(String, String)> {
    enum Open {
        Map(Option<String>),
        List(usize),
    }
    let mut open: Vec<Open> = Vec::new();
    let mut texts = Vec::new();
    for event in Parser::new_from_str(yaml) {
        let (event, _) = event.unwrap_or_else(|fault| panic!("{fault}\n{yaml}"));
        let begins = matches!(event, Event::Scalar(..) | Event::MappingStart(..) | Event::SequenceStart(..));
        if let (Event::Scalar(text, ..), Some(Open::Map(key @ None))) = (&event, open.last_mut()) {
            *key = Some(text.to_string());
            continue;
        }
        if let Event::Scalar(text, ..) = &event {
            let way = open.iter().map(|open| match open {
                Open::Map(key) => key.clone().unwrap_or_default(),
                Open::List(number) => number.to_string(),
            });
            texts.push((way.collect::<Vec<_>>().join("/"), text.to_string()));
        }
        match event {
            Event::MappingStart(..) => open.push(Open::Map(None)),
            Event::SequenceStart(..) => open.push(Open::List(0)),
            Event::MappingEnd | Event::SequenceEnd => drop(open.pop()),
            Event::Alias(_) => panic!("an alias"),
            _ => {}
        }
        let is_whole = matches!(event, Event::Scalar(..) | Event::MappingEnd | Event::SequenceEnd);
        match open.last_mut() {
            Some(Open::Map(key)) if is_whole => *key = None,
            Some(Open::List(number)) if is_whole => *number += 1,
            _ => assert!(begins || !is_whole || open.is_empty()),
        }
    }
    texts
}

/// The recipe of the guide that begins with this line.
fn recipe(file: &str) -> Vec<(String, String)> {
    let page = Page::of(&read(&root().join("docs/qa.md")));
    let found = page.parts().iter().find_map(|part| match part {
        Part::Block { kind, inside } if kind == "yaml" && inside.starts_with(file) => Some(inside.clone()),
        _ => None,
    });
    texts(&found.unwrap_or_else(|| panic!("{file} is gone")))
}

fn at<'a>(texts: &'a [(String, String)], way: &str) -> Vec<&'a str> {
    let below = format!("{way}/");
    texts.iter().filter(|(it, _)| it == way || it.starts_with(&below)).map(|(_, text)| text.as_str()).collect()
}

/// What `--junit` and `--har` name in the command that runs the scenarios.
fn written(command: &str) -> [&str; 2] {
    let after = |option: &str| {
        let mut words = command.split_whitespace().skip_while(|word| *word != option);
        words.nth(1).unwrap_or_else(|| panic!("{option} is not in {command}"))
    };
    [after("--junit"), after("--har")]
}

#[test]
fn githubs_workflow_has_what_a_workflow_has_and_keeps_what_is_written() {
    let texts = recipe("# .github/workflows/login.yml");
    for (way, wanted) in [
        ("on/0", "push"),
        ("jobs/login/runs-on", "ubuntu-24.04"),
        ("jobs/login/env/CHROMIUM", "/usr/bin/google-chrome"),
    ] {
        assert_eq!(at(&texts, way), [wanted], "{way}: {texts:?}");
    }
    let mut uses = Vec::new();
    let mut runs = Vec::new();
    for step in 0.. {
        let step = format!("jobs/login/steps/{step}");
        let (action, run) = (at(&texts, &format!("{step}/uses")), at(&texts, &format!("{step}/run")));
        match (action.as_slice(), run.as_slice()) {
            ([action], []) => uses.push(*action),
            ([], [run]) => runs.push(*run),
            ([], []) => break,
            both => panic!("a step is one or the other: {both:?}"),
        }
    }
    assert_eq!(uses, ["actions/checkout@v4", "actions/upload-artifact@v4"]);
    let command = runs.iter().find(|run| run.starts_with("doorkey test run ")).expect("the scenarios are run");
    let kept: Vec<&str> = at(&texts, "jobs/login/steps/3/with/path").into_iter().flat_map(str::lines).collect();
    assert_eq!(kept, written(command), "what is written is kept");
    assert_eq!(at(&texts, "jobs/login/steps/3/if"), ["always()"], "also where it failed");
    installed(&runs.join(" && "));
}

#[test]
fn gitlabs_pipeline_has_what_a_pipeline_has_and_shows_what_is_written() {
    let texts = recipe("# .gitlab-ci.yml");
    assert_eq!(at(&texts, "login/image"), ["debian:12"]);
    let script = at(&texts, "login/script");
    let [junit, har] = written(script.first().expect("a script"));
    assert_eq!(at(&texts, "login/artifacts/reports/junit"), [junit]);
    assert_eq!((at(&texts, "login/artifacts/paths"), at(&texts, "login/artifacts/when")), (vec![har], vec!["always"]));
    let packages = installed(&at(&texts, "login/before_script").join(" && "));
    assert!(packages.contains(&"chromium-driver".to_owned()), "{packages:?}");
}

/// The packages that it installs: each is one of Debian's, or the file of ours, which brings what it needs.
fn installed(script: &str) -> Vec<String> {
    let mut packages = Vec::new();
    for command in script.split("&&").filter(|command| command.contains("apt-get install")) {
        let words = command.split_whitespace().skip_while(|word| *word != "install").skip(1);
        packages.extend(words.filter(|word| !word.starts_with('-')).map(str::to_owned));
    }
    assert!(packages.contains(&"./doorkey.deb".to_owned()) && !script.contains("dpkg -i"), "{script}");
    for package in packages.iter().filter(|package| !package.starts_with("./")) {
        let known = Command::new("apt-cache").args(["show", "--no-all-versions", package]).output();
        match known {
            Ok(known) if !known.stdout.is_empty() => {}
            _ if !has_lists() => skipped("recipes", "this is no Debian 12 that could tell its packages"),
            known => panic!("there is no {package}: {known:?}"),
        }
    }
    packages
}

/// Whether this is a Debian 12 that has fetched what packages there are.
fn has_lists() -> bool {
    let lists = std::fs::read_dir("/var/lib/apt/lists").into_iter().flatten().flatten();
    lists.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().contains("bookworm_main_binary"))
}
