// What a panel needs for everybody: names and errors that are heard, and keys.
const INPUTS = "input, select, textarea";

// A label that stands beside its input, and not in it.
function name(panel) {
  for (const row of panel.querySelectorAll(".certlib-labelled"))
    for (const input of row.querySelectorAll(INPUTS))
      input.setAttribute("aria-label", row.querySelector(".widget-html")?.textContent.trim() ?? "");
}

// Which field of a form is wrong, and why.
function mark(panel, faults) {
  for (const field of panel.querySelectorAll(".certlib-field")) {
    const input = field.querySelector(INPUTS);
    const note = field.querySelector(".certlib-note");
    if (!input || !note) continue;
    const name = [...field.classList].find((c) => c.startsWith("certlib-field-"));
    const wrong = name.slice("certlib-field-".length) in faults;
    const label = field.querySelector(".widget-label")?.textContent;
    if (label && input.type !== "checkbox") input.setAttribute("aria-label", label);
    note.id ||= `certlib-${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
    input.setAttribute("aria-describedby", note.id);
    input.setAttribute("aria-invalid", String(wrong));
    note.setAttribute("role", wrong ? "alert" : "status");
  }
  for (const said of panel.querySelectorAll(".certlib-outcome, .certlib-live"))
    said.setAttribute("role", "status");
}

// A passphrase is shown on demand.
function reveal(input) {
  if (input.dataset.certlib) return;
  input.dataset.certlib = "revealed";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Show";
  button.setAttribute("aria-pressed", "false");
  button.onclick = () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  input.after(button);
}

// Arrows choose in a list, Esc closes the dialog on top.
function keys(event) {
  if (event.defaultPrevented) return; // a panel inside this one has done it
  const list = event.target.closest(".certlib-list");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (list && step) {
    const lines = [...list.querySelectorAll("button")].filter((b) => b.tabIndex >= 0 && b.offsetParent);
    const next = lines[lines.indexOf(event.target) + step];
    next?.focus();
    next?.click();
    event.preventDefault();
  }
  if (event.key === "Escape") {
    const open = [...event.currentTarget.querySelectorAll(".certlib-dialog")].filter((d) => d.offsetParent);
    open.at(-1)?.querySelector(".certlib-titlebar button")?.click();
    if (open.length) event.preventDefault();
  }
}

function render({ model, el }) {
  let panel;
  const update = () => {
    name(panel);
    mark(panel, model.get("faults"));
    panel.querySelectorAll("input[type=password]").forEach(reveal);
  };
  const watching = new MutationObserver(update);
  requestAnimationFrame(() => { // the panel is complete by then
    panel = el.closest(".certlib-panel");
    if (!panel) return;
    panel.addEventListener("keydown", keys);
    // On what has the focus: a letter is not one of Lab's commands there.
    panel.addEventListener("focusin", ({ target }) => { target.dataset.lmSuppressShortcuts = "true"; });
    watching.observe(panel, { childList: true, subtree: true });
    model.on("change:faults", update);
    update();
  });
  return () => watching.disconnect();
}

export default { render };
