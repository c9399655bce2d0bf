// The table of the auditor's page: one page of rows, as the server has ordered them.
import { make, pill } from "./board.js";

const HEADS = [
  ["", "Ticked"], ["severity", "How bad"], ["name", "Certificate"], ["place", "Place"],
  ["ends", "Ends"], ["findings", "What is wrong"],
];
export const LENGTH = 50;

// Heads that sort: pressed again, they turn the order round.
export function heads(view, look) {
  return make("tr", {}, ...HEADS.map(([order, title]) => {
    const head = make("th", { scope: "col", className: `c-${order || "tick"}` });
    if (!order) { head.append(make("span", { className: "hidden", textContent: title })); return head; }
    const here = (view.order || "severity") === order, down = here && view.descending === "true";
    if (here) head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const sign = make("span", { className: "quiet", textContent: here ? (down ? " ▼" : " ▲") : " ↕" });
    sign.setAttribute("aria-hidden", "true");
    const button = make("button", { type: "button" }, title, sign);
    button.onclick = () => look({ order, descending: String(here && !down) }, `.c-${order} button`);
    head.append(button);
    return head;
  }));
}

export function body(rows) {
  if (!rows.length) return [make("tr", {}, make("td", { colSpan: HEADS.length, textContent: "No certificate fits." }))];
  let group = "";
  return rows.flatMap((row) => {
    if (row.group === group) return [line(row)];
    group = row.group;
    return [make("tr", { className: "group" }, make("th", { colSpan: HEADS.length, scope: "rowgroup", textContent: group })), line(row)];
  });
}

function line(row) {
  const made = make("tr", {}, ...[tick, bad, name, places, ends, wrong].map((cell, n) =>
    make("td", { className: `c-${HEADS[n][0] || "tick"}` }, ...cell(row))));
  made.dataset.number = row.number;
  return made;
}

const quiet = (more, ...said) => make("div", { className: `quiet ${more}` }, ...said);
const tick = (row) => [make("input", { type: "checkbox", ariaLabel: `Tick ${row.name}`, checked: row.selected })];
const bad = (row) => [pill(row.severity)];
const name = (row) => [make("button", { type: "button", className: "open", textContent: row.name }),
  quiet("", row.others.length ? `also ${row.others.join(", ")}` : ""), quiet("narrow", ...places(row)),
  quiet("", row.note), make("div", { className: "tight" }, ...wrong(row))];
const places = (row) => [[...row.places, ...(row.more ? [`and ${row.more} more`] : [])].join(", ")];
const wrong = (row) => row.findings.length
  ? [make("ul", {}, ...row.findings.map((said) => make("li", { textContent: said })))] : ["It breaks no requirement that was looked at."];

function ends(row) {
  if (!row.ends) return [];
  const left = row.days < 0 ? `${-row.days} days ago` : row.days === 0 ? "today" : `in ${row.days} days`;
  return [row.ends, quiet("", left)];
}

// Which page of the rows is shown, and the way to the others.
export function pages(start, found, turn) {
  const last = Math.max(0, Math.ceil(found / LENGTH) - 1), here = start / LENGTH;
  if (!last) return [];
  const to = (title, page) => make("button", { type: "button", textContent: title, disabled: page < 0 || page > last || page === here,
    onclick: () => turn(page * LENGTH) });
  return [to("First", 0), to("Back", here - 1),
    make("span", { textContent: `page ${(here + 1).toLocaleString("en")} of ${(last + 1).toLocaleString("en")}` }),
    to("On", here + 1), to("Last", last)];
}
