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
  button.className = "jupyter-button certlib-reveal";
  button.textContent = "Show";
  button.setAttribute("aria-pressed", "false");
  button.onclick = () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  input.after(button);
}

// What a line of a store can do, as a menu: the buttons at the foot of its window.
function menu(event) {
  const line = event.target.closest(".certlib-menu .certlib-line");
  if (!line) return;
  event.preventDefault();
  event.stopPropagation(); // JupyterLab has a menu of its own
  const own = line.querySelector("button");
  own.click();
  const box = document.createElement("div");
  box.className = "certlib-popup";
  box.setAttribute("role", "menu");
  box.setAttribute("aria-label", own.textContent.trim());
  const close = () => { box.remove(); document.removeEventListener("pointerdown", away, true); };
  const away = ({ target }) => { if (!box.contains(target)) close(); };
  for (const act of line.closest(".certlib-window").querySelectorAll(".certlib-foot button")) {
    if (["Import", "Refresh"].includes(act.textContent.trim())) continue; // of the store
    const item = document.createElement("button");
    item.setAttribute("role", "menuitem");
    item.textContent = act.textContent;
    item.onclick = () => { close(); own.focus(); act.click(); };
    box.append(item);
  }
  box.onkeydown = (pressed) => {
    const items = [...box.children], step = { ArrowDown: 1, ArrowUp: -1 }[pressed.key];
    if (step) items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
    if (["Escape", "Tab"].includes(pressed.key)) { close(); own.focus(); }
    if (step || pressed.key !== "Enter") pressed.preventDefault();
    pressed.stopPropagation();
  };
  const { left, bottom } = own.getBoundingClientRect();
  document.body.append(box);
  const at = event.clientX ? [event.clientX, event.clientY] : [left, bottom];
  box.style.left = `${Math.min(at[0], innerWidth - box.offsetWidth - 4)}px`;
  box.style.top = `${Math.min(at[1], innerHeight - box.offsetHeight - 4)}px`;
  document.addEventListener("pointerdown", away, true);
  box.firstChild.focus();
}

// Arrows choose in a list, Esc closes the dialog on top.
function keys(event) {
  if (event.defaultPrevented) return; // a panel inside this one has done it
  if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) menu(event);
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
    panel.addEventListener("contextmenu", menu);
    // On what has the focus: a letter is not one of Lab's commands there.
    panel.addEventListener("focusin", ({ target }) => { target.dataset.lmSuppressShortcuts = "true"; });
    watching.observe(panel, { childList: true, subtree: true });
    model.on("change:faults", update);
    update();
  });
  return () => watching.disconnect();
}

export default { render };
