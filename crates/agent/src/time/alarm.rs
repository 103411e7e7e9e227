//! Waiting for a moment. Ordinary timers stand still while the computer sleeps; this one does not.

use std::time::Duration;

use super::{Clock, Source, Uptime};

/// Where the system has no timer for it, the clock is looked at so often.
const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Rings at a moment, at once after a sleep that went over it, and when somebody sets the wall clock.
pub(crate) struct Alarm {
    clock: Clock,
    #[cfg(target_os = "linux")]
    timers: Option<linux::Timers>,
}

impl Alarm {
    /// Within a runtime.
    pub(crate) fn new(clock: Clock) -> Self {
        #[cfg(target_os = "linux")]
        {
            let timers = matches!(clock.0, Source::Machine).then(linux::Timers::new);
            let timers = timers.and_then(|made| {
                made.inspect_err(|error| tracing::warn!(%error, "no timers that count while the computer sleeps")).ok()
            });
            Self { clock, timers }
        }
        #[cfg(not(target_os = "linux"))]
        Self { clock }
    }

    /// Resolves at that moment or soon after the wall clock was set; without a moment at the latter only. May resolve
    /// early: whoever waits looks at the clock again.
    pub(crate) async fn rings(&self, until: Option<Uptime>) {
        if let Source::Given(given) = &self.clock.0 {
            return given.reached(until).await;
        }
        #[cfg(target_os = "linux")]
        if let Some(timers) = &self.timers {
            match timers.ring(until).await {
                Ok(()) => return,
                Err(error) => tracing::debug!(%error, "a timer does not work"),
            }
        }
        let left = until.map_or(LOOK_AGAIN, |until| until.since(self.clock.now().uptime));
        tokio::time::sleep(left.min(LOOK_AGAIN)).await;
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::OwnedFd;

    use rustix::io::Errno;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    use super::Uptime;

    /// Further away than any clock goes.
    const NEVER: Timespec = Timespec { tv_sec: i64::MAX >> 8, tv_nsec: 0 };
    const NOT_AGAIN: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

    pub(super) struct Timers {
        /// Counts sleep.
        moment: AsyncFd<OwnedFd>,
        /// Never rings, but is cancelled whenever the wall clock is set.
        set: AsyncFd<OwnedFd>,
    }

    impl Timers {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self { moment: timer(TimerfdClockId::Boottime)?, set: timer(TimerfdClockId::Realtime)? })
        }

        pub(super) async fn ring(&self, until: Option<Uptime>) -> io::Result<()> {
            let moment = until.map_or(NEVER, |until| Timespec::try_from(until.0).unwrap_or(NEVER));
            arm(&self.moment, TimerfdTimerFlags::ABSTIME, moment)?;
            arm(&self.set, TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET, NEVER)?;
            tokio::select! {
                rung = rung(&self.moment) => rung,
                set = rung(&self.set) => set,
            }
        }
    }

    #[expect(
        deprecated,
        reason = "what replaces it is unsafe for types that change their descriptor; this one keeps it"
    )]
    fn timer(clock: TimerfdClockId) -> io::Result<AsyncFd<OwnedFd>> {
        let timer = timerfd_create(clock, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        AsyncFd::try_with_interest(timer, Interest::READABLE).map_err(io::Error::from)
    }

    fn arm(timer: &AsyncFd<OwnedFd>, flags: TimerfdTimerFlags, at: Timespec) -> io::Result<()> {
        // Zero would disarm it.
        let at = if at == NOT_AGAIN { Timespec { tv_nsec: 1, ..at } } else { at };
        match timerfd_settime(timer, flags, &Itimerspec { it_interval: NOT_AGAIN, it_value: at }) {
            // It is armed all the same, and tells that the clock was set before.
            Ok(_) | Err(Errno::CANCELED) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn rung(timer: &AsyncFd<OwnedFd>) -> io::Result<()> {
        let read = |timer: &OwnedFd| Ok(rustix::io::read(timer, &mut [0_u8; 8])?);
        match timer.async_io(Interest::READABLE, read).await {
            Ok(_) => Ok(()),
            Err(error) if error.raw_os_error() == Some(Errno::CANCELED.raw_os_error()) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_machines_alarm_rings_no_earlier_than_it_should() {
        let clock = Clock::default();
        let alarm = Alarm::new(clock.clone());
        for wait in [Duration::ZERO, Duration::from_millis(30)] {
            let until = clock.now().uptime + wait;
            // Somebody may set this machine's clock meanwhile.
            while clock.now().uptime < until {
                alarm.rings(Some(until)).await;
            }
        }
        let silent = tokio::time::timeout(Duration::from_millis(30), alarm.rings(None)).await;
        assert!(silent.is_err() || cfg!(not(target_os = "linux")), "nothing was waited for");
    }
}
