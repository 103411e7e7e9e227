//! temporary
#[tokio::main]
async fn main() {
    let t = std::time::Instant::now();
    let idp = doorkey_demo_idp::start(doorkey_demo_idp::Settings {
        port: std::env::args().nth(1).and_then(|p| p.parse().ok()).unwrap_or(0),
        ..Default::default()
    })
    .await
    .expect("starts");
    eprintln!("{:?} {}", t.elapsed(), idp.issuer());
    for _ in 0..10 {
        let t = std::time::Instant::now();
        let i = doorkey_demo_idp::start(Default::default()).await.expect("starts");
        eprint!("{}ms ", t.elapsed().as_millis());
        i.stop().await;
    }
    eprintln!();
    std::future::pending::<()>().await
}
