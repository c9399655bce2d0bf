// The auditor's page. What is shown and in which order is decided by the server.
import * as panels from "./panels.js";
import * as rows from "./table.js";

const $ = (selector) => document.querySelector(selector);
const SIGNS = { error: "✗", warning: "▲", notice: "●", accepted: "○", fine: "✓" };
export const view = { words: "", severity: "", begin: "", end: "", group: "", order: "", descending: "" };
let current, start = 0, asked = 0;

// Text goes through here and nowhere else into HTML.
export function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

export async function ask(path, body) {
  const options = body === undefined ? {} : {
    method: "POST", headers: { "X-Certlib": "board" },
    body: body instanceof FormData ? body : JSON.stringify(body),
  };
  const answer = await fetch(path, options);
  const data = await answer.json().catch(() => ({ error: "the board does not answer", fix: "start it again" }));
  if (!answer.ok) throw new Error(`${data.error}; ${data.fix}`);
  return data;
}

// ---- what to audit

function passphrases() { return $("#wish").elements.passphrases; }

async function audit(event) {
  event?.preventDefault();
  const sent = Object.fromEntries(new FormData($("#wish")));
  $("#said").textContent = "";
  try {
    await ask("/api/audit", sent);
    await watch();
  } catch (error) { $("#said").textContent = error.message; }
}

async function watch() {
  for (;;) {
    const state = await ask("/api/state");
    show(state);
    if (!state.running) return finished(state);
    await new Promise((done) => setTimeout(done, 300));
  }
}

function finished(state) {
  if (state.error) $("#said").textContent = `${state.error.error}; ${state.error.fix}`;
  if (!state.total || (state.error && !state.listed)) return;
  passphrases().value = "";
  passphrases().placeholder = state.passphrases
    ? `${state.passphrases} kept for this session` : "one a line; kept in memory for this session";
  $("#choice").open = false;
  outdated(false);
  close();
  panels.stale();
  renew().then(panels.about); // rows first: they are waited for
}

// What is shown was judged for other choices than those that stand there now.
function outdated(is) {
  $("#found").classList.toggle("outdated", is);
  $("#outdated").hidden = !is;
}

function show(state) {
  $("#stop").disabled = !state.running;
  $("#of").textContent = state.selected ? `of ${count(state.selected, "ticked row")}` : "of all rows";
  $("#again").hidden = !state.total;
  $("#found").hidden = !state.total;
  $("#status").textContent = state.running
    ? `${state.found} found …`
    : state.total ? `${count(state.total, "result")} at ${count(state.places, "place")}, judged as of ${state.at}` +
        (state.selected ? `; ${state.selected} ticked` : "") : "Nothing is audited yet.";
  uploads(state.uploads);
  const all = { "": state.total, ...state.counts };
  $(".cards").replaceChildren(...Object.entries(all).map(([name, count]) => {
    const title = name ? `${SIGNS[name]} ${name}` : "Everything";
    const card = make("button", { type: "button", onclick: () => look({ severity: name }) },
      make("b", { textContent: count.toLocaleString("en") }), make("span", { textContent: title, className: `t-${name}` }));
    card.dataset.severity = name;
    card.setAttribute("aria-pressed", String(view.severity === name));
    return card;
  }));
}

function uploads(names) {
  $("#uploads").replaceChildren(...names.map((name) => {
    const away = make("button", { type: "button", textContent: "✕", ariaLabel: `Remove ${name}` });
    away.onclick = async () => show(await ask("/api/forget", { name }));
    return make("li", {}, name, " ", away);
  }));
}

async function upload(list) {
  const form = new FormData();
  for (const file of list) form.append("file", file);
  try { show(await ask("/api/upload", form)); }
  catch (error) { $("#said").textContent = error.message; }
}

// ---- what is shown

function look(changes, focus) {
  Object.assign(view, changes);
  remember();
  renew(focus);
}

async function renew(focus) {
  start = 0;
  for (const card of document.querySelectorAll(".cards button"))
    card.setAttribute("aria-pressed", String(card.dataset.severity === view.severity));
  await fill();
  if (focus) $(focus)?.focus();
}

export async function fill() {
  const began = performance.now(), mine = ++asked;
  const data = await ask(`/api/rows?${new URLSearchParams({ ...view, start, length: rows.LENGTH })}`);
  if (mine !== asked) return; // a later question has been asked meanwhile
  $("#table thead").replaceChildren(rows.heads(view, look));
  $("#table tbody").replaceChildren(...rows.body(data.rows));
  whole($("#table tbody"));
  $("#pages").replaceChildren(...rows.pages(start, data.found, (to) => { start = to; fill(); $("#table").scrollIntoView(); }));
  bars(data.bars);
  mark();
  panels.shown();
  $("#shown").textContent = `${count(data.found, "row")} of ${count(data.total, "result")}`;
  document.body.dataset.took = Math.round(performance.now() - began);
  performance.mark("rows");
}

export const count = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

// Names, paths and days break after their separators, and not at a hyphen unless a part is long.
const LONG = 20;
const part = (text) => text.includes("-") && text.length <= LONG ? make("span", { className: "whole", textContent: text }) : text;
export function whole(shown) {
  const texts = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode())
    if (/\w-\w|[\\/]/.test(texts.currentNode.data) && !texts.currentNode.parentNode.closest("option, .whole")) found.push(texts.currentNode);
  for (const text of found)
    text.replaceWith(make("span", {}, ...text.data.split(/(?<=[\\/,;:@\s])|(?<=\.)(?=[\w-]+\.\w)/).flatMap((one) => [part(one), make("wbr")])));
  return shown;
}

export const pill = (severity) => make("span", { className: `pill ${severity}`, textContent: `${SIGNS[severity]} ${severity}` });

// ---- a row

function mark() {
  for (const row of document.querySelectorAll("#table tbody tr"))
    row.toggleAttribute("aria-current", row.dataset.number === current);
}

async function open(number) {
  current = number;
  const { html } = await ask(`/api/detail?number=${number}`);
  $("#detail").innerHTML = html; // made by the server's template, everything escaped
  whole($("#detail"));
  $("#detail").hidden = false;
  $(".both").classList.add("open");
  mark();
  $("#close").onclick = close;
  if ($("#lint")) $("#lint").onclick = lint;
  $("#detail").focus({ preventScroll: false });
}

function close() {
  const button = document.querySelector("tr[aria-current] .open");
  $("#detail").hidden = true;
  $(".both").classList.remove("open");
  current = undefined;
  mark();
  button?.focus();
}

async function lint(event) {
  const said = $("#remarks"), { number } = event.target.dataset;
  said.textContent = "pkilint reads it …";
  try {
    const { remarks } = await ask("/api/lint", { number });
    said.replaceChildren(remarks.length ? make("ul", {}, ...remarks.map((r) => make("li", { textContent: r.filter(Boolean).join(" · ") })))
      : "pkilint has nothing against it.");
  } catch (error) { said.textContent = error.message; }
}

// Accepts a finding, or says who sees to a certificate.
async function decide(event) {
  const form = event.target, order = form.className;
  if (!["accept", "note"].includes(order)) return;
  event.preventDefault();
  try {
    show(await ask(`/api/${order}`, { ...form.dataset, ...Object.fromEntries(new FormData(form)) }));
    panels.about();
    await fill();
    await open(form.dataset.number);
  } catch (error) { form.querySelector("[role=alert]").textContent = error.message; }
}

function keys(event) {
  const here = event.target.closest("#table .open");
  if (event.key === "Escape" && !$("#detail").hidden) close();
  if (!here || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const all = [...document.querySelectorAll("#table .open")];
  all[all.indexOf(here) + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
  event.preventDefault();
}

// ---- when they end

function bars(spans) {
  const most = Math.max(1, ...spans.map((bar) => bar.count));
  const today = new Date().toISOString().slice(0, 10);
  $("#bars").replaceChildren(...spans.map((bar) => {
    const before = bar.begin === "0001-01-01", after = bar.end === "9999-12-31";
    const when = before ? `before ${bar.end}` : after ? `from ${bar.begin}` : `${bar.begin} to ${bar.end}`;
    const said = `${bar.count} end ${when}${bar.worst ? `, worst: ${bar.worst}` : ""}`;
    const more = bar.count - bar.names.length;
    const button = make("button", { type: "button", title: [said, ...bar.names, ...(more > 0 ? [`and ${more} more`] : [])].join("\n"), ariaLabel: said, disabled: !bar.count },
      make("i", { className: bar.worst, style: `height:${bar.count ? Math.max(6, 100 * bar.count / most) : 0}%` }));
    if (bar.begin <= today && today < bar.end) button.classList.add("today");
    button.onclick = () => look({ begin: bar.begin, end: after ? "" : bar.end });
    button.onmouseenter = button.onfocus = () => { $("#span").textContent = [said, ...bar.names.slice(0, 2)].join(" · "); };
    button.onmouseleave = button.onblur = hint;
    return button;
  }));
  const days = spans.map((bar) => bar.begin).filter((day) => day !== "0001-01-01");
  const marks = [0, 0.25, 0.5, 0.75].map((part) => days[Math.floor(part * days.length)]);
  $("#axis").replaceChildren(...[...new Set(marks), spans.at(-1)?.end].filter(Boolean).map((day) =>
    make("span", { textContent: day === "9999-12-31" ? "later" : day })));
  hint();
}

function hint() {
  $("#span").textContent = view.begin || view.end
    ? `${view.begin > "0001" ? view.begin : "…"} to ${view.end || "…"}` : "press a bar to look closer";
}

function within(days) {
  const at = (more) => new Date(Date.now() + more * 864e5).toISOString().slice(0, 10);
  const now = new Date(), month = (more) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + more)).toISOString().slice(0, 10);
  if (days === "month") look({ begin: month(0), end: month(1) });
  else look(days ? { begin: at(0), end: at(Number(days) + 1) } : { begin: "", end: "" });
}

// ---- views: a link opens one, and some can be kept

function remember() {
  history.replaceState(null, "", `#${new URLSearchParams(view)}`);
}

function recall(hash) {
  const asked = new URLSearchParams(hash.replace(/^#/, ""));
  for (const name of Object.keys(view)) view[name] = asked.get(name) ?? "";
  $("#words").value = view.words;
  $("#group").value = view.group;
}

function offer(kept, chosen = "") {
  $("#views").replaceChildren(make("option", { value: "", textContent: "choose …" }),
    ...Object.entries(kept).map(([name, hash]) => make("option", { value: hash, textContent: name, selected: name === chosen })));
  $("#drop-view").disabled = !chosen;
}

function choose(event) {
  $("#drop-view").disabled = !event.target.value;
  $("#kept").textContent = "";
  if (!event.target.value) return;
  recall(event.target.value);
  remember();
  renew();
}

async function keep(event) {
  event.preventDefault();
  remember();
  const { name } = event.target.elements;
  await settle(name.value.trim(), location.hash, "saved");
}

async function drop() {
  const name = $("#views").selectedOptions[0].textContent;
  await settle(name, "", "deleted");
  $("#keep").elements.name.value = name; // pressing Save view brings it back
  $("#views").focus();
}

// Keeps a view by its name, or deletes it, and says so.
async function settle(name, hash, done) {
  try {
    offer(await ask("/api/views", { name, view: hash }), hash && name);
    $("#keep").reset();
    $("#kept").textContent = `The view “${name}” is ${done}.`;
  } catch (error) { $("#kept").textContent = error.message; }
}

let waiting;
const soon = (act) => { clearTimeout(waiting); waiting = setTimeout(act, 150); };

$("#wish").onsubmit = audit;
$("#again").onclick = audit;
$("#wish").addEventListener("input", () => outdated(!$("#found").hidden));
$("#stop").onclick = async () => show(await ask("/api/stop", {}));
$("#files").onchange = (event) => upload(event.target.files);
$("#drop").ondragover = (event) => { event.preventDefault(); $("#drop").classList.add("over"); };
$("#drop").ondragleave = () => $("#drop").classList.remove("over");
$("#drop").ondrop = (event) => { event.preventDefault(); $("#drop").classList.remove("over"); upload(event.dataTransfer.files); };
$("#words").oninput = (event) => soon(() => look({ words: event.target.value }));
$("#group").onchange = (event) => look({ group: event.target.value });
$("#views").onchange = choose;
$("#drop-view").onclick = drop;
$("#keep").onsubmit = keep;
$("#report").onsubmit = (event) => { event.preventDefault(); location.href = `/report/${event.target.elements.format.value}`; };
$("#detail").addEventListener("submit", decide);
document.addEventListener("keydown", keys);
for (const button of document.querySelectorAll("[data-days]")) button.onclick = () => within(button.dataset.days);
document.addEventListener("click", (event) => {
  const row = event.target.closest("#table tbody tr[data-number]");
  if (row && event.target.type !== "checkbox") open(row.dataset.number);
});
document.addEventListener("change", async (event) => {
  const row = event.target.closest("#table tbody tr[data-number]");
  if (!row) return;
  show(await ask("/api/select", { number: Number(row.dataset.number), on: event.target.checked }));
  panels.shown();
});
window.addEventListener("message", ({ data }) => { // JupyterLab around it says its theme
  if (["light", "dark"].includes(data)) document.documentElement.style.colorScheme = data;
});
window.addEventListener("hashchange", () => { recall(location.hash); renew(); });

recall(location.hash);
ask("/api/views").then((kept) => offer(kept));
panels.begin();
watch();
