// One event stream for all pages of this browser that show one office to one person (S3): over HTTP/1.1 a browser has six
// connections to a desk, and a stream for each page would leave none for what the pages ask. A SharedWorker; the page's
// side is app/src/browser/stream.rs.
"use strict";

const NAMES = ["task", "reset", "jobs", "downtime", "clock"];
/** A stream that broke is opened again after so long, then twice as long each time. */
const FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 30000;

/** By what they show to whom. */
const streams = new Map();

self.onconnect = ({ ports: [port] }) => {
  let page = null;
  // a tab that crashed says no farewell
  port.onclose = () => page && leave(page);
  // what to follow from where, or nothing
  port.onmessage = ({ data }) => {
    if (page) leave(page);
    page = data && join(port, data);
  };
};

/** Asking again, as a page does that has heard nothing for too long, opens the stream anew. */
function join(port, { what, url, after, notice }) {
  const stream = streams.get(what) ?? { what, url, pages: new Set(), failed: 0 };
  streams.set(what, stream);
  const page = { port, stream, last: after, jobs: notice, downtime: notice };
  stream.pages.add(page);
  open(stream);
  return page;
}

function leave(page) {
  const { stream } = page;
  stream.pages.delete(page);
  if (stream.pages.size) return;
  close(stream);
  streams.delete(stream.what);
}

function close(stream) {
  clearTimeout(stream.later);
  stream.source?.close();
}

/** From where the page stands that has heard least; the others are not told again what they know. */
function open(stream) {
  close(stream);
  const pages = [...stream.pages];
  const least = (of) => Math.min(...pages.map(of));
  for (const page of pages) page.from = page.last;
  const notice = least((page) => Math.min(page.jobs, page.downtime));
  const source = new EventSource(`${stream.url}&after=${least((page) => page.from)}&notice=${notice}`);
  stream.source = source;
  source.onopen = () => {
    stream.failed = 0;
    tell(stream, "open");
  };
  source.onerror = () => {
    tell(stream, "error");
    close(stream);
    const most = Math.min(FIRST_WAIT_MS * 2 ** stream.failed++, LONGEST_WAIT_MS);
    stream.later = setTimeout(() => open(stream), most * (0.5 + Math.random() / 2));
  };
  for (const name of NAMES) source.addEventListener(name, (event) => pass(stream, name, event));
}

function pass(stream, name, { data, lastEventId }) {
  const number = Number(name === "jobs" || name === "downtime" ? data : lastEventId);
  for (const page of stream.pages) {
    if (name === "task" && number <= page.from) continue;
    if (name in page) {
      if (number <= page[name]) continue;
      page[name] = number;
    } else if (name !== "clock") {
      page.last = Math.max(page.last, number);
    }
    page.port.postMessage([name, data]);
  }
}

function tell(stream, name) {
  for (const page of stream.pages) page.port.postMessage([name, ""]);
}
