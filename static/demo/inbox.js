// Ties the inbox together: which conversation, which of the three columns on a small screen, language and theme.

import * as list from "./list.js";
import * as panel from "./panel.js";
import * as thread from "./thread.js";
import * as tour from "./tour.js";
import "./width.js";

const root = document.documentElement;
const small = matchMedia("(width < 900px)");

function show(conversation, view) {
  panel.show(conversation); // first: it has the longest way to go
  document.body.dataset.view = view;
  list.mark(conversation, view !== "list" || !small.matches);
  thread.reveal(conversation);
}

function open(conversation, view = "thread") {
  show(conversation, view);
  if (location.hash !== `#${conversation}`) history.pushState(null, "", `#${conversation}`);
}

function restore() {
  const wanted = location.hash.slice(1);
  if (list.knows(wanted)) show(wanted, "thread");
  else show(list.first(), "list");
}

function step(view) {
  document.body.dataset.view = view;
  document.querySelector("[aria-current]")?.focus();
}

function address(locale, theme) {
  return `/?${new URLSearchParams({ locale, theme })}${location.hash}`;
}

list.listen(open, panel.prefetch);
thread.listen(list.remember);
tour.listen((conversation) => open(conversation, "panel"));

for (const button of document.querySelectorAll(".to-list")) button.addEventListener("click", () => step("list"));
for (const button of document.querySelectorAll(".to-panel")) button.addEventListener("click", () => step("panel"));
document.querySelector(".to-thread").addEventListener("click", () => step("thread"));

document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names the conversation, it must not become #threads
  document.getElementById("threads").focus();
});

document.getElementById("language").addEventListener("change", (event) => {
  location.assign(address(event.target.value, root.dataset.theme));
});

document.getElementById("theme").addEventListener("change", (event) => {
  root.dataset.theme = event.target.value;
  history.replaceState(null, "", address(root.lang, event.target.value));
  panel.load(root.lang, event.target.value);
});

addEventListener("popstate", restore);
restore();
panel.load(root.lang, root.dataset.theme);
