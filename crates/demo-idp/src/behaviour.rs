//! Everything that can be changed while the provider runs; [`crate::Knobs`] turns it.

use std::sync::Arc;
use std::time::Duration;

use crate::gate::{Barrier, Moment};
use crate::misbehaviour::Memory;
use crate::{DpopNonce, Endpoint, Fault, IdTokenFault, Lax, Misbehaviour, Settings, Times};

/// What a refresh answer does about the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshStyle {
    /// A new one each time; the old one used again ends the family (RFC 9700 4.14.2).
    Rotate,
    /// The old one goes on, and the answer has none.
    Keep,
    /// The old one goes on, and the answer repeats it.
    SameAgain,
}

pub(crate) struct Behaviour {
    pub(crate) token_life: Duration,
    pub(crate) told_refresh_life: Option<Duration>,
    pub(crate) clock_offset: i64,
    pub(crate) id_token_fault: Option<IdTokenFault>,
    pub(crate) discovery_issuer: Option<String>,
    pub(crate) people_decline: bool,
    pub(crate) grant_only: Option<Vec<String>>,
    pub(crate) refresh_style: RefreshStyle,
    pub(crate) refresh_gives_id_token: bool,
    /// Name and e-mail address are in ID tokens; otherwise at userinfo alone (OpenID Connect Core 5.4).
    pub(crate) details_in_id_token: bool,
    pub(crate) userinfo_sub: Option<String>,
    pub(crate) require_pushed: bool,
    pub(crate) registration: bool,
    pub(crate) dpop_nonce: DpopNonce,
    pub(crate) misbehaviour: Option<Misbehaviour>,
    pub(crate) memory: Memory,
    pub(crate) lax: Vec<Lax>,
    faults: Vec<Planned>,
    barriers: Vec<Arc<Barrier>>,
}

struct Planned {
    endpoint: Endpoint,
    moment: Moment,
    fault: Fault,
    times: Times,
}

impl Behaviour {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            token_life: settings.token_life,
            told_refresh_life: None,
            clock_offset: 0,
            id_token_fault: None,
            discovery_issuer: None,
            people_decline: false,
            grant_only: None,
            refresh_style: RefreshStyle::Rotate,
            refresh_gives_id_token: true,
            details_in_id_token: true,
            userinfo_sub: None,
            require_pushed: settings.require_pushed,
            registration: settings.registration,
            dpop_nonce: settings.dpop_nonce,
            misbehaviour: settings.misbehaviour,
            memory: Memory::new(),
            lax: Vec::new(),
            faults: Vec::new(),
            barriers: Vec::new(),
        }
    }

    pub(crate) fn plan(&mut self, endpoint: Endpoint, moment: Moment, fault: Fault, times: Times) {
        self.faults.push(Planned { endpoint, moment, fault, times });
    }

    pub(crate) fn heal(&mut self, endpoint: Endpoint) {
        self.faults.retain(|planned| planned.endpoint != endpoint);
    }

    /// The fault for this request; counts it as used.
    pub(crate) fn take_fault(&mut self, endpoint: Endpoint, moment: Moment) -> Option<Fault> {
        self.faults.retain(|planned| planned.times != Times::Next(0));
        let planned = self.faults.iter_mut().find(|it| it.endpoint == endpoint && it.moment == moment)?;
        if let Times::Next(left) = &mut planned.times {
            *left -= 1;
        }
        Some(planned.fault.clone())
    }

    pub(crate) fn hold(&mut self, endpoint: Endpoint, moment: Moment) -> Arc<Barrier> {
        let barrier = Arc::new(Barrier::closed(endpoint, moment));
        self.barriers.push(Arc::clone(&barrier));
        barrier
    }

    pub(crate) fn barrier(&mut self, endpoint: Endpoint, moment: Moment) -> Option<Arc<Barrier>> {
        self.barriers.retain(|barrier| !barrier.is_open());
        self.barriers.iter().find(|it| it.endpoint == endpoint && it.moment == moment).cloned()
    }
}
