/* A round button for any website that opens the chat in a frame:
     <script src="https://…/chat/widget.js" data-start="khai-sinh" defer></script>
   It runs on a foreign page without our HTML, so its three words stand here; data-open,
   data-close and data-title on the tag replace them. Styles go through the CSSOM because the
   foreign page's Content-Security-Policy may forbid <style>. */
"use strict";

(function () {
  const tag = document.currentScript;
  const words = { open: "Hỏi Một Cửa", close: "Đóng", title: "Một Cửa, hỏi đáp thủ tục" };
  Object.assign(words, tag.dataset);
  const page = new URL("../", tag.src);
  page.searchParams.set("widget", "1");
  if (tag.dataset.start) page.searchParams.set("start", tag.dataset.start);

  const narrow = matchMedia("(max-width: 520px)");
  const button = document.createElement("button");
  const panel = document.createElement("div");
  let frame = null;

  function style(element, rules) { Object.assign(element.style, rules); }

  function icon() {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const path = document.createElementNS(space, "path");
    const marks = { viewBox: "0 0 24 24", width: 30, height: 30, "aria-hidden": "true" };
    Object.keys(marks).forEach(function (key) { svg.setAttribute(key, marks[key]); });
    path.setAttribute("d", "M4 5h16v11H10l-5 4v-4H4z");
    path.setAttribute("fill", "none");
    path.setAttribute("stroke", "currentColor");
    path.setAttribute("stroke-width", "2");
    path.setAttribute("stroke-linejoin", "round");
    svg.append(path);
    return svg;
  }

  function place() {
    style(panel, narrow.matches
      ? { inset: "0", width: "auto", height: "auto", borderRadius: "0" }
      : { inset: "auto 20px 96px auto", width: "400px", height: "min(660px, calc(100vh - 120px))",
          borderRadius: "16px" });
  }

  function show(open) {
    if (open && !frame) { // the frame is made when first wanted: no visitor pays for it unasked
      frame = document.createElement("iframe");
      frame.title = words.title;
      frame.src = page.href;
      style(frame, { border: "0", width: "100%", height: "100%", display: "block" });
      panel.append(frame);
    }
    panel.style.display = open ? "block" : "none";
    button.setAttribute("aria-expanded", String(open));
    button.setAttribute("aria-label", open ? words.close : words.open);
    button.title = open ? words.close : words.open;
    if (open) frame.focus();
    else button.focus();
  }

  function isOpen() { return panel.style.display === "block"; }

  button.type = "button";
  button.append(icon());
  button.setAttribute("aria-label", words.open);
  button.setAttribute("aria-expanded", "false");
  button.title = words.open;
  style(button, {
    position: "fixed", right: "20px", bottom: "20px", width: "64px", height: "64px", zIndex: "2147483000",
    display: "grid", placeItems: "center", padding: "0", border: "2px solid #fff", borderRadius: "50%",
    background: "#8f1d18", color: "#fff", cursor: "pointer", boxShadow: "0 4px 14px rgba(0,0,0,.35)",
  });
  style(panel, {
    position: "fixed", display: "none", overflow: "hidden", zIndex: "2147483001", background: "#f5f3ef",
    boxShadow: "0 8px 32px rgba(0,0,0,.35)",
  });
  place();

  button.addEventListener("click", function () { show(!isOpen()); });
  narrow.addEventListener("change", place);
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && isOpen()) show(false);
  });
  window.addEventListener("message", function (event) {
    if (frame && event.source === frame.contentWindow && event.data && event.data.motcua === "close") show(false);
  });
  function mount() { document.body.append(button, panel); }
  if (document.body) mount();
  else document.addEventListener("DOMContentLoaded", mount);
})();
