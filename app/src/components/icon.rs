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
    /// A window with a bar.
    Clients,
    /// Sheets upon each other.
    Causes,
    /// A clock.
    Jobs,
    /// A card with a strip.
    Collection,
    /// A flag.
    Procedures,
    /// A page with lines.
    Instructions,
    /// A plug.
    Connectors,
    /// A bell.
    Bell,
    /// A triangle.
    Alert,
    /// Two people.
    Users,
    /// A page with a clock.
    Audit,
    /// A cog wheel.
    Settings,
    /// Three points.
    More,
    /// A funnel of lines.
    Filter,
    /// Arrow down to a line.
    Download,
    /// A cross of two lines.
    Plus,
    /// A tick.
    Tick,
    /// Arrow to the right.
    Forward,
    /// A switch.
    Power,
    /// A circle with a bar.
    Stop,
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
        Icon::Clients => "M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6",
        Icon::Causes => "M8 2l6 3-6 3-6-3zM2 8l6 3 6-3M2 11l6 3 6-3",
        Icon::Jobs => "M13.6 8A5.6 5.6 0 1 1 2.4 8a5.6 5.6 0 0 1 11.2 0zM8 5v3l2 1.4",
        Icon::Collection => {
            "M3 3.5h10A1.5 1.5 0 0 1 14.5 5v6a1.5 1.5 0 0 1-1.5 1.5H3A1.5 1.5 0 0 1 1.5 11V5A1.5 1.5 0 0 1 3 3.5zM1.5 6.5h13M4 10h3"
        }
        Icon::Procedures => "M3.5 14V2.5M3.5 3h8.5l-2 3 2 3H3.5",
        Icon::Instructions => "M4 2.5h8v11H4zM6.2 5.5h3.6M6.2 8h3.6M6.2 10.5h2",
        Icon::Connectors => "M5.5 2v3M10.5 2v3M4 5h8v2.5a4 4 0 0 1-8 0zM8 11.5V14",
        Icon::Bell => {
            "M8 2.2a4 4 0 0 0-4 4v2.6L2.8 11h10.4L12 8.8V6.2a4 4 0 0 0-4-4zM6.6 13.2a1.5 1.5 0 0 0 2.8 0"
        }
        Icon::Alert => "M8 2.4l6 10.8H2zM8 6.6v3M8 11.4v.01",
        Icon::Users => {
            "M8.6 5.4a2.4 2.4 0 1 1-4.8 0 2.4 2.4 0 0 1 4.8 0zM1.8 13c.3-2.6 2-4 4.4-4s4.1 1.4 4.4 4M10.6 3.3a2.2 2.2 0 0 1 0 4.2M12 9.4c1.3.6 2 1.8 2.2 3.6"
        }
        Icon::Audit => "M9 2.5H4v11h8V5.5zM9 2.5v3h3M6.2 8.2h3.6M6.2 10.7h3.6",
        Icon::Settings => {
            "M8 5.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM8 1.8v2M8 12.2v2M1.8 8h2M12.2 8h2M3.6 3.6L5 5M11 11l1.4 1.4M12.4 3.6L11 5M5 11l-1.4 1.4"
        }
        Icon::More => "M2.8 8h1.2M7.4 8h1.2M12 8h1.2",
        Icon::Filter => "M2.5 4.5h11M4.5 8h7M6.5 11.5h3",
        Icon::Download => "M8 2.5v7.2M5 7l3 3 3-3M3 13h10",
        Icon::Plus => "M8 3v10M3 8h10",
        Icon::Tick => "M3.2 8.4l3 3 6.6-6.8",
        Icon::Forward => "M6.2 4.5L9.8 8l-3.6 3.5",
        Icon::Power => "M8 1.8v6M4.6 4.2a5.2 5.2 0 1 0 6.8 0",
        Icon::Stop => "M14.2 8A6.2 6.2 0 1 1 1.8 8a6.2 6.2 0 0 1 12.4 0zM3.8 12.2l8.4-8.4",
    };
    view! {
        <svg class="i" viewBox="0 0 16 16" aria-hidden="true">
            <path d=d />
        </svg>
    }
}
