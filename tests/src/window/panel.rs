//! A desktop's panel and its notification service, on the session bus of a desk: what programs tell them, and what a
//! person does with it. By the specifications of StatusNotifierItem, of D-Bus menus, and of notifications.

use std::collections::HashMap;

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, MatchRule, MessageStream, Proxy, connection, interface, message};

use crate::PATIENCE;

const NOTIFICATIONS: &str = "/org/freedesktop/Notifications";
const MENU: &str = "com.canonical.dbusmenu";

/// A panel that shows icons, and menus when they are pressed.
pub struct Panel {
    bus: Connection,
    items: mpsc::UnboundedReceiver<Item>,
}

/// An icon in the panel.
pub struct Item {
    bus: Connection,
    program: String,
    path: String,
}

/// A line of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its text.
    pub label: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    id: i32,
}

/// Shows notifications.
pub struct Notifications {
    bus: Connection,
    /// In the order in which they came.
    pub shown: mpsc::UnboundedReceiver<Notification>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// To act on it by.
    pub id: u32,
    /// That of the one it replaces, or 0.
    pub replaces: u32,
    /// Its first line.
    pub summary: String,
    /// What stands below.
    pub body: String,
    /// Keys and texts in turn.
    pub actions: Vec<String>,
}

struct Watcher {
    bus: Connection,
    items: mpsc::UnboundedSender<Item>,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    #[expect(clippy::needless_pass_by_value, reason = "the bus hands it over")]
    fn register_status_notifier_item(&self, service: &str, #[zbus(header)] header: Header<'_>) {
        let program = header.sender().expect("the bus says who").to_string();
        let path = if service.starts_with('/') { service } else { "/StatusNotifierItem" };
        // The story may be over.
        let _ = self.items.send(Item { bus: self.bus.clone(), program, path: path.to_owned() });
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Panel {
    /// On the bus at this address.
    ///
    /// # Panics
    /// When there is one already.
    pub async fn start(address: &str) -> Self {
        let bus = connect(address).await;
        let (tell, items) = mpsc::unbounded_channel();
        let watcher = Watcher { bus: bus.clone(), items: tell };
        bus.object_server().at("/StatusNotifierWatcher", watcher).await.expect("nobody else is there");
        bus.request_name("org.kde.StatusNotifierWatcher").await.expect("there is no other panel");
        Self { bus, items }
    }

    /// The next icon that a program puts there.
    ///
    /// # Panics
    /// When none comes.
    pub async fn item(&mut self) -> Item {
        let item = tokio::time::timeout(PATIENCE, self.items.recv()).await.expect("an icon comes in time");
        item.expect("the panel is there")
    }

    /// The panel goes away.
    ///
    /// # Panics
    /// When the bus is gone.
    pub async fn stop(self) {
        self.bus.close().await.expect("the bus is there");
    }
}

impl Item {
    /// Waits until its menu fits; the lines of it.
    ///
    /// # Panics
    /// When it does not, with the menu there is.
    pub async fn menu_until(&self, fits: impl Fn(&[Line]) -> bool) -> Vec<Line> {
        let rule = MatchRule::builder().msg_type(message::Type::Signal).sender(self.program.as_str());
        let rule = rule.expect("a name").build();
        let mut changes = MessageStream::for_match_rule(rule, &self.bus, None).await.expect("the bus tells");
        let mut seen = Vec::new();
        let waiting = async {
            loop {
                seen = self.menu().await;
                if fits(&seen) {
                    return;
                }
                changes.next().await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            panic!("the menu is another: {seen:?}");
        }
        seen
    }

    /// Chooses a line, as a click does.
    ///
    /// # Panics
    /// When the program does not take it.
    pub async fn choose(&self, line: &Line) {
        let event = (line.id, "clicked", Value::from(0_i32), 0_u32);
        let menu = self.proxy(&self.menu_path().await, MENU).await;
        menu.call::<_, _, ()>("Event", &event).await.expect("the program takes it");
    }

    /// The file with its picture.
    pub async fn picture(&self) -> String {
        self.property("IconName").await
    }

    async fn menu(&self) -> Vec<Line> {
        type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let menu = self.proxy(&self.menu_path().await, MENU).await;
        let properties: &[&str] = &[];
        let asked = menu.call::<_, _, (u32, Layout)>("GetLayout", &(0_i32, 1_i32, properties)).await;
        let Ok((_, (_, _, lines))) = asked else { return Vec::new() };
        let line = |value: OwnedValue| {
            let (id, mut about, _) = Layout::try_from(value).expect("a line of a menu");
            let label = about.remove("label").and_then(|label| String::try_from(label).ok())?;
            let enabled = about.remove("enabled").is_none_or(|value| bool::try_from(value).unwrap_or(true));
            // An underscore marks the letter after it, two are one.
            let label = label.replace("__", "\0").replace('_', "").replace('\0', "_");
            Some(Line { label, enabled, id })
        };
        lines.into_iter().filter_map(line).collect()
    }

    async fn menu_path(&self) -> String {
        let item = self.proxy(&self.path, "org.kde.StatusNotifierItem").await;
        let path: OwnedValue = item.get_property("Menu").await.expect("it has a menu");
        zbus::zvariant::OwnedObjectPath::try_from(path).expect("a path").to_string()
    }

    async fn property(&self, name: &str) -> String {
        let item = self.proxy(&self.path, "org.kde.StatusNotifierItem").await;
        item.get_property(name).await.expect("it is told")
    }

    async fn proxy(&self, path: &str, interface: &str) -> Proxy<'static> {
        let builder = zbus::proxy::Builder::new(&self.bus).destination(self.program.clone()).expect("a name");
        let builder = builder.path(path.to_owned()).expect("a path").interface(interface.to_owned()).expect("a name");
        builder.cache_properties(zbus::proxy::CacheProperties::No).build().await.expect("the program is there")
    }
}

struct Service {
    shown: mpsc::UnboundedSender<Notification>,
    count: u32,
}

#[interface(name = "org.freedesktop.Notifications")]
impl Service {
    #[expect(clippy::too_many_arguments, reason = "as the specification has it")]
    fn notify(
        &mut self,
        _app_name: &str,
        replaces_id: u32,
        _app_icon: &str,
        summary: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        self.count += 1;
        let id = if replaces_id == 0 { self.count } else { replaces_id };
        // The story may be over.
        let _ = self.shown.send(Notification { id, replaces: replaces_id, summary, body, actions });
        id
    }

    fn close_notification(&self, _id: u32) {}

    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body", "body-markup"].map(str::to_owned).into()
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action_key: &str) -> zbus::Result<()>;
}

impl Notifications {
    /// On the bus at this address.
    ///
    /// # Panics
    /// When there is one already.
    pub async fn start(address: &str) -> Self {
        let bus = connect(address).await;
        let (tell, shown) = mpsc::unbounded_channel();
        bus.object_server().at(NOTIFICATIONS, Service { shown: tell, count: 0 }).await.expect("nobody else is there");
        bus.request_name("org.freedesktop.Notifications").await.expect("there is no other service");
        Self { bus, shown }
    }

    /// The next that is shown.
    ///
    /// # Panics
    /// When none comes.
    pub async fn next(&mut self) -> Notification {
        let shown = tokio::time::timeout(PATIENCE, self.shown.recv()).await.expect("it comes in time");
        shown.expect("the service is there")
    }

    /// A person acts on one of them.
    ///
    /// # Panics
    /// When the bus is gone.
    pub async fn act(&self, notification: &Notification, key: &str) {
        let emitter = SignalEmitter::new(&self.bus, NOTIFICATIONS).expect("a path");
        Service::action_invoked(&emitter, notification.id, key).await.expect("the bus takes it");
    }
}

async fn connect(address: &str) -> Connection {
    let builder = connection::Builder::address(address).expect("an address");
    builder.build().await.expect("the bus takes programs")
}
