#[tokio::main(flavor = "current_thread")]
async fn main() {
    let life: u64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(300);
    let s = doorkey_demo_idp::Settings { token_life: std::time::Duration::from_secs(life), ..Default::default() };
    let p = doorkey_demo_idp::start(s).await.expect("idp");
    std::fs::write("/tmp/dk/issuer", p.issuer()).expect("w");
    std::future::pending::<()>().await;
}
