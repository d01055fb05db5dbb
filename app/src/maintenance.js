"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  let draft = null;
  try {
    draft = JSON.parse(localStorage.getItem("nw_draft") || "null");
  } catch {
    // a browser that keeps nothing has nothing to give back
  }
  if (draft && String(draft.person) === document.documentElement.dataset.person && draft.fields.length) {
    for (const field of draft.fields) {
      const [label, value] = [document.createElement("dt"), document.createElement("dd")];
      label.textContent = field.label;
      value.textContent = field.value;
      by("typed").append(label, value);
    }
    by("copy").addEventListener("click", () => {
      const all = draft.fields.map((f) => (draft.fields.length > 1 ? `${f.label}: ${f.value}` : f.value));
      navigator.clipboard?.writeText(all.join("\n"));
    });
    by("draft").hidden = false;
  }
  // the same address, until it answers otherwise; not all who wait at once
  const here = new URL(location.href);
  here.searchParams.delete("language");
  const look = async () => {
    try {
      const answer = await fetch(here, { method: "HEAD", cache: "no-store" });
      if (answer.status !== 503) return location.replace(here);
    } catch {
      // no connection: it is looked again
    }
  };
  const again = () => setTimeout(() => look().then(again), 20000 + Math.random() * 20000);
  again();
  document.addEventListener("visibilitychange", () => document.hidden || look());
})();
