//! What a page has read is read again in place when jobs of the office changed: what is on the screen stays until the
//! new picture is there.

use super::here::Here;
use crate::api::ApiError;
use leptos::{prelude::*, task::spawn_local};
use std::future::Future;

/// Reads again when what is asked for changes, when jobs or runs change, when the stream asks for it, and when `again`
/// rises; also for what was told while the page was being read. One question at a time: whatever happens meanwhile is
/// asked for together afterwards. What cannot be read now is read the next time.
pub fn keep_up<K, T, F>(
    asked: impl Fn() -> K + Send + Sync + 'static,
    again: RwSignal<u32>,
    read: impl Fn(K) -> F + Clone + 'static,
    take: impl Fn(K, T) + Clone + 'static,
) where
    K: Clone + PartialEq + Send + Sync + 'static,
    T: 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let here = expect_context::<Here>();
    let asked = Memo::new(move |_| asked());
    let busy = StoredValue::new(false);
    let wanted = StoredValue::new(false);
    Effect::new(move |before: Option<()>| {
        let _ = (
            asked.get(),
            here.live.jobs.get(),
            here.live.stale.get(),
            again.get(),
        );
        if before.is_none() && !here.live.told_since() {
            return;
        }
        wanted.set_value(true);
        if busy.get_value() {
            return;
        }
        busy.set_value(true);
        let (read, take) = (read.clone(), take.clone());
        spawn_local(async move {
            // the page may be left while an answer is on its way
            while wanted.try_get_value() == Some(true) {
                wanted.set_value(false);
                let Some(key) = asked.try_get_untracked() else {
                    return;
                };
                let answer = read(key.clone()).await;
                if asked.try_get_untracked().as_ref() != Some(&key) {
                    continue;
                }
                if let Ok(found) = answer {
                    take(key, found);
                }
            }
            let _ = busy.try_set_value(false);
        });
    });
}

/// Keeps what is read of an office as the server has it. The picture of before stays until the new one is there.
pub fn follow_jobs<T, F>(
    data: RwSignal<T>,
    again: RwSignal<u32>,
    read: impl Fn(String) -> F + Clone + 'static,
) where
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let here = expect_context::<Here>();
    keep_up(
        move || here.office.get(),
        again,
        read,
        move |_, new| data.set(new),
    );
}
