//! Line icons, 16 × 16, in the ink of their place. They are decoration: the word stands beside them.

use leptos::prelude::*;

/// A line icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// List with ticks.
    Tasks,
    /// Magnifying glass.
    Search,
    /// Arrow in a circle.
    Restart,
    /// Arrow to the left.
    Back,
    /// Two sheets.
    Copy,
    /// Cross.
    Cancel,
    /// Arrow out of a door.
    SignOut,
    /// Arrow down.
    Down,
}

/// Draws an icon.
#[component]
pub fn Glyph(icon: Icon) -> impl IntoView {
    let d = match icon {
        Icon::Tasks => "M2 4l1.2 1.2L5.4 3M2 11l1.2 1.2L5.4 10M8 4.3h6M8 11.3h6",
        Icon::Search => "M11.6 7A4.6 4.6 0 1 1 2.4 7a4.6 4.6 0 0 1 9.2 0zM10.5 10.5L14 14",
        Icon::Restart => "M13.4 8a5.4 5.4 0 1 1-1.7-3.9M13.5 1.9v3h-3",
        Icon::Back => "M9.8 4.5L6.2 8l3.6 3.5",
        Icon::Copy => {
            "M7.1 5.5h5.3a1.6 1.6 0 0 1 1.6 1.6v5.3a1.6 1.6 0 0 1-1.6 1.6H7.1a1.6 1.6 0 0 1-1.6-1.6V7.1a1.6 1.6 0 0 1 1.6-1.6zM10.5 3.2H4A1.5 1.5 0 0 0 2.5 4.7v6.1"
        }
        Icon::Cancel => "M4 4l8 8M12 4l-8 8",
        Icon::SignOut => {
            "M9.5 2.5H4A1.5 1.5 0 0 0 2.5 4v8A1.5 1.5 0 0 0 4 13.5h5.5M7 8h7M11.5 5.5L14 8l-2.5 2.5"
        }
        Icon::Down => "M4.5 6.2L8 9.8l3.5-3.6",
    };
    view! {
        <svg class="i" viewBox="0 0 16 16" aria-hidden="true">
            <path d=d />
        </svg>
    }
}
