//! Memory that many connections took goes back to the system when most of them have closed: the allocator keeps it else.

use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{Instant, interval_at},
};

/// It is looked at this often: whoever comes and goes in numbers costs a look, no more.
const LOOK: Duration = Duration::from_secs(15);
/// Fewer at once take too little to look for.
const MANY: usize = 500;

/// Watches how many of `most` places are taken, for ever.
pub async fn give_back_after(free: Arc<Semaphore>, most: usize) {
    let mut looks = interval_at(Instant::now() + LOOK, LOOK);
    let mut peak = 0;
    loop {
        looks.tick().await;
        let taken = most.saturating_sub(free.available_permits());
        peak = peak.max(taken);
        if peak >= MANY && taken < peak / 2 {
            peak = taken;
            let _ = tokio::task::spawn_blocking(give_back).await;
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "the C library has no other door to it")]
fn give_back() {
    // SAFETY: it touches only what nobody holds any more, and may be called at any time from any thread
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back() {}
