// Shows the auditor's page, which the kernel serves on its own computer.
function render({ model, el }) {
  const url = new URL(model.get("url"));
  const link = document.createElement("a");
  Object.assign(link, { target: "_blank", rel: "noopener", textContent: "Open it in a tab of its own" });
  link.style.color = "var(--jp-content-link-color, #0969da)";
  if (!["127.0.0.1", "localhost"].includes(location.hostname)) {
    el.textContent = "The board answers on the computer that this notebook runs on, and to nobody else. There, “certlib board” opens it.";
    return;
  }
  url.hostname = location.hostname; // another name would be another site, without cookies
  link.href = url;
  const frame = document.createElement("iframe");
  Object.assign(frame, { src: url, title: "Audit" });
  frame.style.cssText = "display:block;width:100%;height:80vh;min-height:560px;border:0;margin-top:6px";
  const dress = () => frame.contentWindow?.postMessage(
    document.body.dataset.jpThemeLight === "false" ? "dark" : "light", url.origin);
  new MutationObserver(dress).observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  frame.onload = dress;
  el.append(link, frame);
}

export default { render };
