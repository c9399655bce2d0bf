// What stands around the table: what the audit was about, and what is done with it.
import { ask, count, fill, make, pill, view, whole } from "./board.js";

const $ = (selector) => document.querySelector(selector);
const sent = (form) => Object.fromEntries(new FormData(form));
const cell = (value) => make("td", {}, value);

function table(heads, lines) {
  return whole(make("table", { className: "about" },
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col", textContent: head })))),
    make("tbody", {}, ...lines.map((line) => make("tr", {}, ...line.map(cell))))));
}

function lines(target, said) {
  target.replaceChildren(...said.map(([what, value]) =>
    make("tr", {}, make("th", { scope: "row", textContent: what }), cell(value))));
  whole(target);
}

// The same that stands at the head and at the end of every report.
export async function about() {
  const said = await ask("/api/about");
  $("#sums").textContent = said.head[0][1];
  lines($("#about table"), said.head);
  lines($("#unseen table"), [...said.end, ...(said.more ? [["And", `${count(said.more, "more line")} of what was not read, in the report`]] : [])]);
  if (said.changes) changed(said.changes, said.compared_with);
}

function changed(changes, since) {
  $("#changes").replaceChildren(make("p", { textContent: `Since ${since}:` }), changes.length
    ? table(["What", "Certificate", "Place", "How"], changes)
    : "Nothing has changed.");
}

async function compare(event) {
  event.preventDefault();
  try {
    const asked = sent(event.target);
    changed((await ask("/api/compare", asked)).changes, asked.path);
    about();
  } catch (error) { $("#changes").textContent = error.message; }
}

// ---- history

async function remember(event) {
  event.preventDefault();
  try {
    told(await ask("/api/history", sent(event.target)));
    await fill();
  } catch (error) { $("#told").textContent = error.message; }
}

function told(said) {
  if (!said.history) { $("#told").textContent = said.notes ? "Owners are shown." : ""; return; }
  const most = Math.max(1, ...said.runs.map(([, , counts]) => total(counts)));
  $("#told").replaceChildren(
    make("h3", { textContent: "Runs" }), table(["When", "What", "How many", ""], said.runs.map(([at, scope, counts]) => [at, scope, counted(counts), trend(counts, most)])),
    make("h3", { textContent: "What is wrong, and since when" }), table(["How bad", "What", "Certificate", "Place", "Owner", "Since"],
      said.open.map(([severity, rule, subject, place, owner, since]) => [pill(severity), rule, subject, place, owner, since])),
    make("h3", { textContent: "What ends next" }), table(["Ends", "Certificate", "Place", "Owner"],
      said.upcoming));
}

const total = (counts) => Object.values(counts).reduce((sum, n) => sum + n, 0);
const counted = (counts) => Object.entries(counts).filter(([, n]) => n).map(([name, n]) => `${n} ${name}`).join(", ") || "nothing";

function trend(counts, most) {
  const bar = make("div", { className: "trend" }, ...Object.entries(counts).map(([name, n]) =>
    make("i", { className: name, style: `width:${100 * n / most}%` })));
  bar.setAttribute("aria-hidden", "true");
  return bar;
}

// ---- who is told

export async function shown() {
  if ($("#notify").hidden) return;
  const said = await ask(`/api/message?${new URLSearchParams(view)}`, {});
  $("#whom").textContent = `${count(said.certificates, "certificate")}, ${count(said.findings, "finding")}: ` +
    said.owners.map(([who, n]) => `${n} of ${who}`).join(", ");
  $("#message").textContent = said.findings ? `${said.title}\n\n${said.text}` : "Nothing is wrong there, so nobody is told.";
}

async function send(event) {
  event.preventDefault();
  const alert = event.target.querySelector("[role=alert]");
  alert.textContent = "";
  $("#sent").textContent = "sending …";
  try {
    await ask(`/api/notify?${new URLSearchParams(view)}`, sent(event.target));
    $("#sent").textContent = "The message was taken.";
  } catch (error) { $("#sent").textContent = ""; alert.textContent = error.message; }
}

// What was said of an earlier audit goes.
export function stale() {
  $("#changes").replaceChildren();
  for (const said of document.querySelectorAll("#send [role]")) said.textContent = "";
  if (!$("#history").hidden) recall();
}

async function recall() { told(await ask("/api/history")); }

async function toggle(button) {
  for (const other of document.querySelectorAll(".acts [aria-controls]")) {
    const is = other === button && other.getAttribute("aria-expanded") !== "true";
    other.setAttribute("aria-expanded", String(is));
    $(`#${other.getAttribute("aria-controls")}`).hidden = !is;
  }
  if (!$("#history").hidden) await recall();
  await shown();
  $(`#${button.getAttribute("aria-controls")} input`).focus();
}

export function begin() {
  for (const button of document.querySelectorAll(".acts [aria-controls]")) button.onclick = () => toggle(button);
  $("#compare").onsubmit = compare;
  $("#remember").onsubmit = remember;
  $("#send").onsubmit = send;
}
