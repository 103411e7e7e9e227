//! `doorkey journal`: who took which token when, with and without an agent.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use doorkey_client::words::TokenRequest;
use doorkey_demo_idp::Settings;
use doorkey_tests::program::Ended;
use doorkey_tests::terminal::CTRL_C;
use doorkey_tests::{Household, PATIENCE, PROFILE, Terminal, program, skipped};
use rustix::process::Signal;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// B-37: programs take tokens | who took which token when is in the journal, without the token, for as long as it is kept
#[tokio::test]
async fn who_took_which_token_when_can_be_told() {
    let home = Household::in_memory(Settings::default()).await;
    let (agent, _) = home.agent_with_ada().await;
    let token = home.doorkey(&["token", PROFILE]).await;
    agent.client.token(&TokenRequest::for_profile(PROFILE)).await.expect("a token");
    let refused = home.doorkey(&["token", PROFILE, "--scope", "never:granted"]).await;
    assert_eq!(refused.code, Some(69), "{refused:?}");

    let by_doorkey = ["journal", "--json", "--kind", "token_given", "--program", "doorkey", "--since", "1h"];
    for with_an_agent in [true, false] {
        let given = rows(&home.doorkey(&by_doorkey).await);
        assert_eq!(given.len(), 1, "with an agent: {with_an_agent}: {given:?}");
        let row = &given[0];
        assert_eq!((&row["version"], &row["profile"]), (&Value::from(1), &Value::from(PROFILE)));
        assert_eq!(row["program"], program::doorkey().to_str().expect("text"));
        assert!(row["pid"].is_u64() && row["access_token"].as_str().is_some_and(|print| print.len() == 8), "{row}");
        let path = program::doorkey().display().to_string();
        let shown = home.doorkey(&["journal", "--program", &path, "--profile", PROFILE]).await;
        let lines: Vec<&str> = shown.stdout.lines().collect();
        assert!(lines[0].contains(" given to ") && lines[0].contains(&path), "{shown:?}");
        assert!(lines[1].contains("no token for ") && lines[1].contains("(broker.") && lines.len() == 2, "{shown:?}");
        assert!(!shown.stdout.contains('\u{1b}'), "no colours where nobody looks: {shown:?}");
        let everything = home.doorkey(&["journal", "--json"]).await;
        assert!(!everything.stdout.contains(token.stdout.trim()), "the token itself");
        if with_an_agent {
            assert_eq!(home.doorkey(&["agent", "stop"]).await.code, Some(0));
        }
    }
    assert_eq!(agent.ended().await.code, Some(0));
    assert!(!home.paths().socket().exists(), "reading starts no agent");
    let doctor: Value = serde_json::from_str(&home.doorkey(&["doctor", "--json"]).await.stdout).expect("JSON");
    let journal = doctor["checks"].as_array().expect("checks").iter().find(|check| check["name"] == "journal");
    assert!(journal.is_some_and(|check| check["found"].as_str().is_some_and(|text| text.starts_with("since "))));
    let ends = rows(&home.doorkey(&["journal", "--json", "--kind", "agent_started", "--kind", "agent_stopped"]).await);
    let kinds: Vec<&str> = ends.iter().filter_map(|row| row["kind"].as_str()).collect();
    assert_eq!(kinds[..2], ["agent_started", "agent_stopped"]);
}

#[tokio::test]
async fn the_past_is_cut_by_time_and_by_number() {
    let home = with_journal(&(0..150).map(|n| stray(n, "work")).collect::<String>()).await;
    let shown = async |arguments: &[&str]| {
        let ended = home.doorkey(&[&["journal"], arguments].concat()).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended
    };
    let usual = shown(&[]).await;
    assert_eq!(usual.stdout.lines().count(), 100);
    assert!(usual.stderr.contains("50 earlier entries") && usual.stderr.contains("--last"), "{}", usual.stderr);
    assert!(usual.stdout.lines().last().is_some_and(|line| line.contains("stray 149")), "{}", usual.stdout);
    assert_eq!(rows(&shown(&["--json"]).await).len(), 150, "machines get all");
    assert_eq!(shown(&["--last", "7"]).await.stdout.lines().count(), 7);
    let hour = shown(&["--since", "2026-03-01T10:01:00Z", "--until", "2026-03-01T10:01:59Z"]).await;
    assert_eq!(hour.stdout.lines().count(), 60, "both ends are in it");
    for zone in ["IST-5:30", "Asia/Kolkata"] {
        if zone.contains('/') && !Path::new("/usr/share/zoneinfo").join(zone).exists() {
            skipped("the_past_is_cut_by_time_and_by_number, named zone", "the system has no zones");
            continue;
        }
        let mut elsewhere = home.command(&["journal", "--last", "1"]);
        elsewhere.env("TZ", zone);
        let local = program::run(elsewhere).await;
        assert!(local.stdout.starts_with("2026-03-01 15:32:29"), "local time: {local:?}");
    }
    let wrong = home.doorkey(&["journal", "--since", "soon", "--json"]).await;
    assert!(wrong.code == Some(64) && wrong.stdout.contains("yesterday"), "{wrong:?}");
}

#[tokio::test]
async fn where_nothing_is_found_it_is_said_where_to_look() {
    let home = Household::in_memory(Settings::default()).await;
    let none = home.doorkey(&["journal"]).await;
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));
    assert!(none.stderr.contains("Nothing has happened yet"), "{none:?}");
    assert!(!home.paths().journal().exists(), "looking makes nothing");
    let home = with_journal(&[stray(1, "work"), stray(2, "home")].concat()).await;
    let nothing = home.doorkey(&["journal", "--kind", "token_givne"]).await;
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(0), ""));
    for words in ["Nothing in the journal fits", "callback_ignored", "home work"] {
        assert!(nothing.stderr.contains(words), "{words}: {nothing:?}");
    }
    let machine = home.doorkey(&["journal", "--json", "--profile", "other"]).await;
    assert_eq!((machine.code, machine.stdout.as_str()), (Some(0), ""));
}

#[tokio::test]
async fn damage_is_told_and_nothing_beside_it_is_lost() {
    let later = r#"{"seq":9,"at":"2026-03-01T10:00:00Z","kind":"moon_phase","phase":"full\u001b[2J"}"#;
    let text = format!("{}garbage\n{later}\n{}{{\"seq\":3,\"at", stray(1, "work"), stray(2, "work"));
    let home = with_journal(&text).await;
    let folder = home.paths().journal();
    fs::write(folder.join("journal.1.jsonl"), "{\"journal\":7}\n{}\n").expect("written");
    fs::write(folder.join("journal.format-2.1.jsonl"), "{\"journal\":2}\n").expect("written");
    let before = files(&folder);
    let shown = home.doorkey(&["journal"]).await;
    assert_eq!((shown.code, shown.stdout.lines().count()), (Some(0), 3), "{shown:?}");
    assert!(shown.stdout.contains("moon_phase phase=full") && !shown.stdout.contains('\u{1b}'), "{shown:?}");
    for words in ["line 2 of", "line 5 of", "is of format 7", "journal.format-2.1.jsonl was written by a newer version"]
    {
        assert!(shown.stderr.contains(words), "{words}: {}", shown.stderr);
    }
    assert_eq!(files(&folder), before, "it only reads");

    // The next agent writes behind the cut line, and loses neither it nor its own.
    let agent = home.agent().await;
    agent.terminate().await;
    let kinds: Vec<Value> =
        rows(&home.doorkey(&["journal", "--json"]).await).iter().map(|row| row["kind"].clone()).collect();
    assert!(
        kinds.starts_with(&[
            "callback_ignored".into(),
            "moon_phase".into(),
            "callback_ignored".into(),
            "agent_started".into()
        ]),
        "{kinds:?}"
    );
    assert!(
        before.iter().all(|(name, old)| files(&folder).iter().any(|(now, new)| now == name && new.starts_with(old)))
    );
}

#[tokio::test]
async fn following_goes_on_over_agents_and_files_and_ends_well() {
    let home = with_journal(&(0..30).map(|n| stray(n, "work")).collect::<String>()).await;
    let mut following = home.command(&["journal", "--follow", "--json"]).spawn().expect("the program starts");
    let mut lines = BufReader::new(following.stdout.take().expect("it is piped")).lines();
    let mut next = async || {
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("in time").expect("text");
        serde_json::from_str::<Value>(&line.expect("it goes on")).expect("JSON")
    };
    for number in 20..30 {
        assert_eq!(next().await["seq"], number, "the newest ten first");
    }
    let newest = home.paths().journal().join("journal.jsonl");
    let mut file = fs::File::options().append(true).open(&newest).expect("it opens");
    let line = stray(30, "work");
    file.write_all(&line.as_bytes()[..25]).expect("written");
    file.write_all(&line.as_bytes()[25..]).expect("written");
    assert_eq!(next().await["seq"], 30);
    fs::rename(&newest, newest.with_file_name("journal.1.jsonl")).expect("it is turned over");
    for _ in 0..2 {
        let agent = home.agent().await;
        assert_eq!(next().await["kind"], "agent_started");
        agent.terminate().await;
        while next().await["kind"] != "agent_stopped" {}
    }
    program::signal(&following, Signal::INT);
    let ended = program::ended(following).await;
    assert_eq!((ended.code, ended.stderr.contains("error")), (Some(0), false), "{ended:?}");
}

#[tokio::test]
async fn at_a_terminal_it_is_coloured_and_ctrl_c_leaves_it_in_order() {
    let home = with_journal(&stray(1, "work")).await;
    let Some(mut terminal) = Terminal::start(&home.command(&["journal", "--follow"])) else {
        return skipped("at_a_terminal_it_is_coloured_and_ctrl_c_leaves_it_in_order", "there is no `script`");
    };
    terminal.shows(&["stray 1", "\u{1b}["]).await;
    terminal.types(CTRL_C).await;
    let left = terminal.left().await;
    assert_eq!((left.code, left.echo), (0, true), "{left:?}");
}

/// A household whose journal has these lines.
async fn with_journal(lines: &str) -> Household {
    let home = Household::in_memory(Settings::default()).await;
    let folder = home.paths().journal();
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join("journal.jsonl"), lines).expect("written");
    home
}

/// One each second from ten o'clock on.
fn stray(number: u64, profile: &str) -> String {
    let (minute, second) = (number / 60, number % 60);
    format!(
        "{{\"seq\":{number},\"at\":\"2026-03-01T10:{minute:02}:{second:02}Z\",\"profile\":\"{profile}\",\"kind\":\"callback_ignored\",\"reason\":\"stray {number}\"}}\n"
    )
}

fn rows(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout.lines().map(|line| serde_json::from_str(line).expect("one JSON object a line")).collect()
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).expect("its bytes")))
        .collect();
    files.sort();
    files
}
