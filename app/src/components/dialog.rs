//! Dialogs over the page.

use super::icon::{Glyph, Icon};
use crate::browser;
use leptos::{html, prelude::*};

/// A dialog of the page.
pub type DialogRef = NodeRef<html::Dialog>;

type Words = Box<dyn Fn() -> String + Send + Sync>;

/// Opens it; one that is open stays so.
pub fn show(dialog: DialogRef) {
    if let Some(d) = dialog.get_untracked() {
        let _ = d.show_modal();
    }
}

/// Closes it; one that is closed stays so.
pub fn close(dialog: DialogRef) {
    if let Some(d) = dialog.get_untracked() {
        d.close();
    }
}

/// A dialog that is open as long as something is asked. When what stands in it changes, its heading `#verb` has the focus:
/// the button that had it is gone.
pub fn while_asked<T: Send + Sync + 'static>(asked: RwSignal<Option<T>>) -> DialogRef {
    let dialog = DialogRef::new();
    Effect::new(move |_| {
        let open = asked.with(Option::is_some);
        let Some(d) = dialog.get() else { return };
        if !open {
            d.close();
        } else if d.open() {
            request_animation_frame(|| browser::focus("#verb"));
        } else {
            show(dialog);
        }
    });
    dialog
}

/// A button, and the dialog that says what it does before it is done.
#[component]
pub fn Sure(
    /// Tells it from others on the page.
    name: &'static str,
    /// What the button on the page reads, and the one in the dialog that does it.
    verb: Signal<String>,
    /// The dialog's heading.
    title: Words,
    /// What follows from it.
    lead: Words,
    /// What the button reads that leaves all as it is.
    keep: Words,
    /// It is being done.
    #[prop(into)]
    busy: Signal<bool>,
    /// Does it.
    #[prop(into)]
    on_yes: Callback<()>,
) -> impl IntoView {
    let dialog = DialogRef::new();
    let (heading, labelled) = (format!("{name}-title"), format!("{name}-title"));
    view! {
        <button type="button" class="btn ghost" disabled=busy on:click=move |_| show(dialog)><Glyph icon=Icon::Cancel /> {verb}</button>
        <dialog node_ref=dialog aria-labelledby=labelled>
            <h2 id=heading>{title}</h2>
            <p>{lead}</p>
            <div class="acts">
                <button type="button" class="btn pri lg" data-testid=format!("confirm-{name}") on:click=move |_| { close(dialog); on_yes.run(()); }>{verb}</button>
                <button type="button" class="btn lg" on:click=move |_| close(dialog)>{keep}</button>
            </div>
        </dialog>
    }
}
