#[tokio::main(flavor = "current_thread")]
async fn main() {
    let url = std::env::args().nth(1).expect("url");
    let people = doorkey_demo_idp::Settings::default().people;
    let r = if std::env::var_os("DENY").is_some() {
        doorkey_demo_idp::Robot::deny(&people[0])
    } else {
        doorkey_demo_idp::Robot::allow(&people[0])
    };
    let a = doorkey_demo_idp::robot_sign_in(&url, &r).await;
    std::fs::write("/tmp/dk/robot.out", format!("{a:?}")).expect("w");
}
