// The focus is not lost. What has it is sometimes taken away, or switched off, by what it did; the browser then forgets
// where somebody was who works with the keyboard. It goes back to what had it as soon as that can have it, or to the part
// of the page that it stood in.
{
  const SOON = 100, LONGEST = 1000;
  const PARTS = "section, article, fieldset, form, details, dialog, main";
  let held, around = [], lostAt, looking;
  const lost = () => held && document.activeElement === document.body;
  const can = (e) => e.isConnected && e.checkVisibility() && !e.matches(":disabled");
  addEventListener("focusin", ({ target }) => {
    held = target;
    around = [];
    for (let e = target.parentElement; e; e = e.parentElement) if (e.matches(PARTS)) around.push(e);
  });
  // who presses on nothing wants nothing to have it
  addEventListener("pointerdown", () => held = undefined, true);
  const part = () => {
    const main = document.querySelector("main");
    const home = around.find((e) => can(e) && !e.matches("main, dialog:not([open])")) ?? main;
    const head = home === main ? null : home?.querySelector("h1, h2, h3, h4, summary");
    return head && can(head) ? head : home;
  };
  const back = () => {
    looking = undefined;
    if (!lost()) return;
    // what works on something is switched off meanwhile
    if (held.isConnected && held.matches(":disabled") && Date.now() < lostAt + LONGEST) return look();
    const same = held.id && document.getElementById(held.id);
    const to = can(held) ? held : same && can(same) ? same : part();
    if (!to) return;
    if (to.tabIndex < 0 && !to.hasAttribute("tabindex")) to.tabIndex = -1;
    to.focus({ preventScroll: true });
  };
  // the page's own word on where it goes comes first
  const look = () => looking ??= setTimeout(back, SOON);
  new MutationObserver(() => {
    if (!lost() || looking) return;
    lostAt = Date.now();
    look();
  }).observe(document, { subtree: true, childList: true, attributeFilter: ["disabled", "hidden", "open", "class"] });
}
