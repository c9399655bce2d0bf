// Tells screen readers which field of a form is wrong, and why.
function mark(form, faults) {
  for (const field of form.querySelectorAll(".certlib-field")) {
    const input = field.querySelector("input, select, textarea");
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
  for (const outcome of form.querySelectorAll(".certlib-outcome"))
    outcome.setAttribute("role", "status");
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

function render({ model, el }) {
  const update = () => {
    const form = el.closest(".certlib-form");
    if (!form) return;
    mark(form, model.get("faults"));
    form.querySelectorAll("input[type=password]").forEach(reveal);
  };
  model.on("change:faults", update);
  requestAnimationFrame(update); // the form is complete by then
}

export default { render };
