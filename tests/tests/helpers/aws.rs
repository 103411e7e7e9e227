//! `doorkey helper aws`, and the real aws when it is here.

use axum::response::IntoResponse;
use doorkey_tests::{PROFILE, Stage, program};

use crate::server::Server;
use crate::there_is;

const ROLE: &str = "arn:aws:iam::123456789012:role/reader";

#[tokio::test]
async fn a_command_finds_the_token_in_a_file_that_is_on_no_disk() {
    let stage = Stage::signed_in().await;
    let token = stage.access_token().await;
    let script = "cat \"$AWS_WEB_IDENTITY_TOKEN_FILE\"; echo; cat \"$AWS_WEB_IDENTITY_TOKEN_FILE\"; echo; \
                  echo \"$AWS_ROLE_ARN $AWS_ROLE_SESSION_NAME\"; \
                  readlink \"$AWS_WEB_IDENTITY_TOKEN_FILE\"; env | grep -c \"$(cat \"$AWS_WEB_IDENTITY_TOKEN_FILE\")\"; \
                  (echo x > \"$AWS_WEB_IDENTITY_TOKEN_FILE\") 2>/dev/null; exit 3";
    let arguments = ["helper", "aws", PROFILE, "--role-arn", ROLE, "--", "sh", "-c", script];
    let ended = program::run(program::command(stage.folder(), &arguments)).await;
    let lines: Vec<&str> = ended.stdout.lines().collect();
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert_eq!(lines[..3], [&token, &token, &format!("{ROLE} doorkey")], "it can be read again: {ended:?}");
    assert!(lines[3].starts_with("/memfd:") && lines[4] == "0", "{ended:?}");
}

#[tokio::test]
async fn what_the_tools_would_use_before_the_role_is_taken_out() {
    let stage = Stage::signed_in().await;
    let in_the_way =
        ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"];
    let arguments = ["helper", "aws", PROFILE, "--role-arn", ROLE, "--", "env"];
    let mut command = program::command(stage.folder(), &arguments);
    command.envs(in_the_way.map(|variable| (variable, "another"))).env("AWS_REGION", "eu-central-1");
    let ended = program::run(command).await;
    let left: Vec<&str> = ended.stdout.lines().filter_map(|line| line.split('=').next()).collect();
    assert!(in_the_way.iter().all(|variable| !left.contains(variable)), "{ended:?}");
    assert!(left.contains(&"AWS_REGION") && left.contains(&"AWS_ROLE_ARN"), "the rest stays: {ended:?}");
}

#[tokio::test]
async fn what_is_no_role_is_refused() {
    let stage = Stage::signed_in().await;
    for arn in ["reader", "arn:aws:iam::1:user/ada", "arn:aws:iam::1:role/a\nb", ""] {
        let arguments = ["helper", "aws", PROFILE, "--role-arn", arn, "--", "true"];
        let ended = program::run(program::command(stage.folder(), &arguments)).await;
        assert!(ended.code == Some(64) && ended.stderr.contains("usage.bad_value"), "{arn:?}: {ended:?}");
    }
}

#[tokio::test]
async fn the_real_aws_exchanges_it() {
    let stage = Stage::signed_in().await;
    if !there_is("the_real_aws_exchanges_it", stage.folder(), "aws", &["--version"]).await {
        return;
    }
    let server = Server::start(|request| {
        if request.body.contains("WithWebIdentity") { ROLES_KEYS } else { WHO }.into_response()
    })
    .await;
    // Where the environment cannot send it to our server, the exchange it would make by itself is asked for.
    let call: &[&str] =
        if reads_endpoint(&stage).await { &["aws", "sts", "get-caller-identity"] } else { &["sh", "-c", EXCHANGE] };
    let arguments = [&["helper", "aws", PROFILE, "--role-arn", ROLE, "--"], call].concat();
    let mut command = program::command(stage.folder(), &arguments);
    command.env("AWS_ENDPOINT_URL_STS", format!("http://{}", server.authority)).env("NO_PROXY", "127.0.0.1");
    command
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_DEFAULT_REGION", "eu-central-1")
        .env("AWS_DEFAULT_PROFILE", "of-nobody")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let ended = program::run(command).await;
    assert!(ended.code == Some(0) && ended.stdout.contains("123456789012"), "{ended:?}");
    let exchange = &server.seen()[0];
    let sent: Vec<(String, String)> = url::form_urlencoded::parse(exchange.body.as_bytes()).into_owned().collect();
    let parameter = |name: &str| sent.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    assert_eq!(parameter("WebIdentityToken"), Some(stage.access_token().await));
    assert_eq!((parameter("RoleArn"), parameter("RoleSessionName")), (Some(ROLE.into()), Some("doorkey".into())));
}

/// Whether this aws knows `AWS_ENDPOINT_URL_STS`: 1.29 and 2.13 were the first that did.
async fn reads_endpoint(stage: &Stage) -> bool {
    let mut aws = tokio::process::Command::new("aws");
    program::alone(&mut aws, stage.folder());
    aws.arg("--version");
    let told = program::run(aws).await.stdout;
    let version = told.strip_prefix("aws-cli/").expect("its version");
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().expect("a number"));
    let (major, minor) = (numbers.next().expect("a number"), numbers.next().expect("a number"));
    minor >= if major < 2 { 29 } else { 13 }
}

const EXCHANGE: &str = "exec aws sts assume-role-with-web-identity --endpoint-url \"$AWS_ENDPOINT_URL_STS\" --no-sign-request \
                        --role-arn \"$AWS_ROLE_ARN\" --role-session-name \"$AWS_ROLE_SESSION_NAME\" \
                        --web-identity-token \"file://$AWS_WEB_IDENTITY_TOKEN_FILE\"";

const ROLES_KEYS: &str = r#"<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
<SessionToken>session</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/reader/doorkey</Arn><AssumedRoleId>A:doorkey</AssumedRoleId></AssumedRoleUser>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"#;

const WHO: &str = r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/reader/doorkey</Arn><UserId>A:doorkey</UserId>
<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"#;
