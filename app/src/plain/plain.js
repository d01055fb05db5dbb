// What the pages for strangers do beyond HTML. The server alone makes pages: this asks for one again, and makes what
// stands here like it. So what was typed and chosen stays, and the focus, and no word has to be known here.
{
  const root = document.documentElement;
  const all = (selector) => document.querySelectorAll(selector);
  const first = (selector) => document.querySelector(selector);
  // what is shown, with what was refused last; the address bar keeps what was opened
  let shown = new URL(location);

  const same = (a, b) => a.nodeName === b.nodeName && a.id === b.id;
  // what a person opened or chose is theirs
  const theirs = (name) => name === "open" || name === "selected";
  const become = (a, b) => {
    if (a.nodeType !== Node.ELEMENT_NODE) {
      if (a.data !== b.data) a.data = b.data;
      return;
    }
    for (const { name } of [...a.attributes]) if (!b.hasAttribute(name) && !theirs(name)) a.removeAttribute(name);
    for (const { name, value } of b.attributes) if (a.getAttribute(name) !== value && !theirs(name)) a.setAttribute(name, value);
    let old = a.firstChild;
    for (const child of [...b.childNodes]) {
      let found = old;
      // a comment or a text is found at its place or nowhere: it must not take what stands before it away
      if (child.nodeType === Node.ELEMENT_NODE) while (found && !same(found, child)) found = found.nextSibling;
      else if (found && !same(found, child)) found = null;
      if (!found) {
        a.insertBefore(child, old);
        continue;
      }
      while (old !== found) {
        const gone = old;
        old = old.nextSibling;
        gone.remove();
      }
      old = found.nextSibling;
      become(found, child);
    }
    while (old) {
      const gone = old;
      old = old.nextSibling;
      gone.remove();
    }
  };

  let turns = 0;
  /** Asks for what is `shown` and shows it; says whether the page came. With `goes`, to where the page leads is gone. */
  const look = async (goes) => {
    const turn = ++turns;
    const answer = await fetch(shown, { headers: { accept: "text/html" } });
    // the address without what was refused: whoever signs in again comes back to the page, and to nothing old
    if (answer.redirected && goes) return location.reload() ?? true;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    // a proxy says things of its own, and the desk none but pages here
    if (answer.redirected || !page.getElementById("main")) return false;
    // the desk has closed: that is what the page itself says now
    if (answer.status === 503) return location.reload() ?? true;
    // it was asked for again meanwhile
    if (turn !== turns) return true;
    for (const name of ["lang", "dir"]) if (page.documentElement.hasAttribute(name)) root.setAttribute(name, page.documentElement.getAttribute(name));
    document.title = page.title;
    become(document.body, page.body);
    for (const one of busy) still(one);
    begin();
    return true;
  };
  const again = (goes) => look(goes).catch(() => false);

  // as the framework writes a refusal into an address: base64 of its bytes, for URLs
  const written = (said) => btoa(String.fromCharCode(...new TextEncoder().encode(said))).replaceAll("+", "-").replaceAll("/", "_");

  /** Sends what is asked, and shows what came of it. Says whether it was done; undefined: the page is left. */
  const send = async (to, body, type, of) => {
    let answer, said;
    try {
      answer = await fetch(to, { method: "POST", body, headers: { accept: "application/json", ...type } });
      said = await answer.text();
    } catch {
      return offline(of);
    }
    if (answer.ok && answer.headers.has("serverfnredirect")) return void location.assign(answer.headers.get("location"));
    let read = {};
    try {
      read = JSON.parse(said) ?? {};
    } catch {
      // nothing is said
    }
    if (read.code === "temporarily_out_of_service") return void location.reload();
    // what a proxy says of its own is no refusal of the desk, and may be as long as it likes
    if (!answer.ok && !read.code) return offline(of);
    shown = new URL(location);
    if (!answer.ok) {
      shown.searchParams.set("__path", to);
      shown.searchParams.set("__err", written(said));
    } else if (read.id ?? read.task) {
      shown.searchParams.set("sent", read.id ?? read.task);
    }
    if (await again(true)) return answer.ok;
    // it was done: the page that says so is asked for until it comes
    return answer.ok ? void location.assign(shown) : offline(of);
  };
  const offline = (of) => {
    const alert = of.querySelector("[role=alert]");
    if (alert) alert.textContent = of.closest("[data-offline]").dataset.offline;
    return false;
  };

  const busy = new Set();
  /** What is being sent says so, whatever the page is made like meanwhile. */
  const still = (one) => {
    const button = one.querySelector("button:not([type=button])") ?? one;
    button.disabled = true;
    if (button.dataset.busy) button.textContent = button.dataset.busy;
  };
  addEventListener("submit", async (e) => {
    const form = e.target;
    const button = form.querySelector("button:not([type=button])");
    // one that has no place for a refusal is the browser's own affair
    if (!form.querySelector("[role=alert]")) return;
    e.preventDefault();
    if (busy.has(form)) return;
    busy.add(form);
    const words = button.textContent;
    const data = new FormData(form);
    // what came of the last one is past, for whoever looks and whoever listens
    shown = new URL(location);
    for (const said of form.querySelectorAll("[role=status], [role=alert]")) said.textContent = "";
    still(form);
    const body = form.enctype === "multipart/form-data" ? data : new URLSearchParams(data);
    const done = await send(form.getAttribute("action"), body, {}, form);
    if (done === undefined) return;
    busy.delete(form);
    button.disabled = false;
    if (button.textContent === button.dataset.busy) button.textContent = words;
    if (done) form.reset();
    // who made a mistake is led to it
    else [...form.querySelectorAll("small.error")].find((said) => said.textContent.trim())?.closest(".line-field").querySelector("input, textarea, select").focus();
  });

  addEventListener("click", async ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const { copy, copied, call, then } = button.dataset;
    if (copy) {
      // not every page has a clipboard (plain http): the text stays readable
      navigator.clipboard?.writeText(copy);
      (button.querySelector("span") ?? button).textContent = copied;
    }
    if ("print" in button.dataset) print();
    if (button.closest("dialog")) button.closest("dialog").close();
    if (call && !busy.size) {
      busy.add(button);
      for (const b of all("[data-call]")) b.disabled = true;
      const done = await send(call, button.dataset.with, { "content-type": "application/json" }, button.parentElement.closest(":has([role=alert])"));
      busy.delete(button);
      for (const b of all("[data-call]")) b.disabled = false;
      // the button is gone
      if (done) first(then)?.focus();
    }
  });

  const tell = (to, body) => fetch(to, { method: "POST", body, headers: { accept: "application/json", "content-type": "application/json" } }).catch(() => undefined);

  addEventListener("change", ({ target }) => {
    const language = target.closest(".language");
    if (!language) return;
    document.cookie = `nw_language=${target.value}; path=/; max-age=31536000; samesite=lax`;
    again(true).then((came) => came || (target.value = root.lang));
    // this browser keeps it; the next one of the same person has it from the desk
    const keep = language.closest("[data-language]");
    if (keep) tell(keep.dataset.language, JSON.stringify({ language: target.value }));
  });

  // the code of an office follows its name until it is typed itself, as `office_code_of` makes it
  const LETTERS = { a: "à-å", e: "è-ë", i: "ì-ï", o: "ò-öø", u: "ù-ü", c: "ç", ae: "æ", "": "'’." };
  const codeOf = (name) => {
    let code = name.toLowerCase();
    for (const [letter, also] of Object.entries(LETTERS)) code = code.replace(new RegExp(`[${also}]`, "g"), letter);
    return code.replace(/[^a-z0-9]+/g, "-").replace(/^-/, "").slice(0, 32).replace(/-$/, "");
  };
  let proposed = "";
  addEventListener("input", ({ target }) => {
    if (!target.matches(".first #office")) return;
    const code = first(".first #code");
    const before = proposed;
    proposed = codeOf(target.value);
    if (code.value === before) code.value = proposed;
  });

  // a downtime: the clock, what is read aloud of it, the pop-up, the moment itself
  const LOOK = 250;
  // at the moment itself not all who are shut out ask at once
  const wait = Date.now() % 1500;
  let coming, apart, left, popped;
  const begin = () => {
    coming = first("template[data-closes]")?.dataset;
    if (coming) apart = coming.now - Date.now();
  };
  const tick = () => {
    if (!coming) return;
    const before = left;
    left = coming.closes - Date.now() - apart;
    const clock = first(".count .clock");
    const seconds = Math.max(0, Math.ceil(left / 1000));
    const two = (n) => String(Math.floor(n)).padStart(2, "0");
    const words = `${two(seconds % 86400 / 3600)}:${two(seconds / 60 % 60)}:${two(seconds % 60)}`;
    const old = clock.textContent.slice(-words.length);
    if (words !== old) clock.textContent = clock.textContent.slice(0, -words.length) + words;
    for (const [minutes, said] of Object.entries(JSON.parse(coming.said)).reverse()) {
      if (left <= minutes * 60000 && before > minutes * 60000) first(".count [data-testid=countdown-said]").textContent = said;
    }
    const dialog = first("dialog.warning");
    if (dialog && left <= coming.pops && left > 0 && popped !== coming.with) {
      popped = coming.with;
      dialog.showModal();
    }
    // a day less is the server's to say, too
    const due = left <= ("shuts" in coming ? -wait : 0);
    if (due) coming = undefined;
    if (due || words > old) again();
  };
  // it is told once, however it was closed
  addEventListener("close", ({ target }) => target.matches("dialog.warning") && coming && tell(coming.seen, coming.with), true);

  addEventListener("DOMContentLoaded", () => {
    const zone = first(".first #zone");
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // a computer that says UTC stands somewhere all the same
    if (zone && here.includes("/") && zone.value === zone.defaultValue) zone.value = here;
    begin();
    setInterval(tick, LOOK);
    const often = first("[data-look]")?.dataset.look;
    if (often) setInterval(again, often, false);
    root.dataset.ready = "";
  });
}
