//! How providers are reached: what a person sets, and what is in force.

use doorkey_client::words::{NetworkSettings, NetworkStatus, Refusal, VERSION};

use super::Agent;
use crate::http::proxy_in_effect;
use crate::peer::Peer;

impl Agent {
    /// # Errors
    /// `config.bad_network`, and what else would keep requests from being sent.
    pub(crate) fn network(&self) -> Result<NetworkStatus, Refusal> {
        let settings = self.host.http.network_file().settings()?;
        let (proxy, variable) = proxy_in_effect(&settings)?;
        let ca_files = self.host.http.ca_files(&settings);
        let ca_files = ca_files.paths().map(|path| path.display().to_string()).collect();
        Ok(NetworkStatus { version: VERSION, settings, proxy, proxy_variable: variable.map(str::to_owned), ca_files })
    }

    /// From the next request on.
    ///
    /// # Errors
    /// `broker.network_foreign`; what is wrong with a setting, and nothing was changed.
    pub(crate) fn set_network(&self, caller: &Peer, settings: &NetworkSettings) -> Result<NetworkStatus, Refusal> {
        if !caller.is_doorkey() {
            return Err(Refusal::new(
                "broker.network_foreign",
                format!(
                    "{} may not set how providers are reached: only Doorkey's own window and command may.",
                    caller.name()
                ),
                "Set it in the window, or in network.toml beside profiles.toml.",
            ));
        }
        self.host.http.network_file().put(settings)?;
        self.network()
    }
}
