//! What an office's pages share.

use crate::live::Live;
use leptos::prelude::*;

/// What an office's pages share.
#[derive(Clone, Copy)]
pub struct Here {
    /// The office's code.
    pub office: Memo<String>,
    /// What the stream tells.
    pub live: Live,
    /// Rises when texts must be read again, in another language.
    pub reread: RwSignal<u32>,
    /// Alerts that stand, as the bell last heard.
    pub alerts: RwSignal<u32>,
    /// The bell must look again: something in it was seen. Rises each time.
    pub marked: RwSignal<u32>,
}
