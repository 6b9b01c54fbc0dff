/* The page's side of the web chat: shows what is said, sends it, and keeps the line alive.
   Holds no words (they stand in index.html) and keeps only the session token in the browser.
   Written for old phones too: no build step, no optional chaining. */
"use strict";

(function () {
  const HEAVIEST = 4000000, WIDEST = 2000; // bytes of a picture, pixels of its longer side
  const LONGEST = 8000; // characters the server takes of one message
  const ACK_MS = 10000; // silence after which the line counts as dead
  const ASK_AGAIN_MS = 4000, WAIT_MS = 40000; // while waiting for an answer
  const FIRST_PAUSE = 500, LAST_PAUSE = 20000; // between attempts to reconnect

  const byId = function (id) { return document.getElementById(id); };
  const log = byId("log"), scroll = byId("scroll"), box = byId("box"), notice = byId("notice");
  const typing = byId("typing"), words = document.body.dataset;
  const address = new URL("chat/socket", location.href.split(/[?#]/)[0]);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const query = new URLSearchParams(location.search);
  const framed = query.get("widget") === "1";

  const unsent = new Map(); // id -> {frame, article}: shown, not yet acknowledged
  const seen = new Set(); // ids of the replies on the page
  let socket = null, ready = false, met = false, last = 0, pause = FIRST_PAUSE;
  let redial = 0, watchTimer = 0, retryTimer = 0, waitTimer = 0, waitingSince = 0, noticeTimer = 0;

  /* The token lives in localStorage; a browser that forbids it gets a session for this visit. */
  let session = null;
  try { session = localStorage.getItem("motcua.session"); } catch (error) { session = null; }
  function keep(token) {
    if (session === token) return;
    session = token;
    try { localStorage.setItem("motcua.session", token); } catch (error) { return; }
  }

  // Showing

  function piece(id) { return byId(id).content.cloneNode(true); }

  /* Text nodes only, never innerHTML: what a person or an import wrote can't become markup. */
  function write(parent, text) {
    text.split(/\*\*([^\n]+?)\*\*/).forEach(function (part, index) {
      if (index % 2 === 0) return writeLinks(parent, part);
      const strong = parent.appendChild(document.createElement("strong"));
      writeLinks(strong, part);
    });
  }

  function writeLinks(parent, text) {
    text.split(/(https:\/\/[^\s<>"*]+)/).forEach(function (part, index) {
      if (index % 2 === 0) return parent.append(part);
      const tail = /[.,;:!?…)\]'”]*$/.exec(part)[0];
      const url = part.slice(0, part.length - tail.length);
      parent.append(link(url, url), tail);
    });
  }

  function link(url, label) {
    const a = document.createElement("a");
    a.href = url;
    a.target = "_blank";
    a.rel = "noopener noreferrer";
    a.append(label, piece("outside"));
    return a;
  }

  function choice(button) {
    if (/^(https?:\/\/|tel:|mailto:|\/(?!\/))/i.test(button.url)) return link(button.url, button.label);
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = button.label;
    b.addEventListener("click", function () {
      send({ type: "tap", id: newId(), value: button.value, label: button.label });
    });
    return b;
  }

  function showReply(item) {
    if (seen.has(item.id)) return;
    seen.add(item.id);
    last = Math.max(last, item.id);
    const follow = waitingSince || scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 120;
    const part = piece("reply");
    write(part.querySelector(".text"), item.text);
    const choices = part.querySelector(".choices");
    item.buttons.forEach(function (button) {
      if (button.url || button.value) choices.append(choice(button));
    });
    log.append(part);
    stopWaiting();
    if (follow) scrollDown();
  }

  /* A command of ours is shown as the words on its button; /start as a quiet line. */
  function showMine(text, sent) {
    const begins = /^\/start(\s|$)/.test(text);
    const part = piece(begins ? "begin" : "mine");
    const article = part.querySelector("article");
    const button = Array.from(document.querySelectorAll("[data-say]")).find(function (b) {
      return b.dataset.say === text;
    });
    if (!begins) part.querySelector(".text").textContent = button ? button.textContent : text;
    if (sent) part.querySelector(".state").remove();
    log.append(part);
    return article;
  }

  /* To the end, but never past the person's own last words: a long answer is read from its top. */
  function scrollDown() {
    const own = log.querySelectorAll(".mine, .begin");
    const top = own.length ? own[own.length - 1].offsetTop - 12 : Infinity;
    scroll.scrollTop = Math.min(top, scroll.scrollHeight);
  }

  function say(text, stays) {
    clearTimeout(noticeTimer);
    notice.textContent = text;
    if (text && !stays) noticeTimer = setTimeout(function () { say(ready ? "" : words.lost, true); }, 6000);
  }

  function startWaiting() {
    if (!waitingSince) typing.replaceChildren(piece("waiting"));
    waitingSince = Date.now();
    clearInterval(waitTimer);
    waitTimer = setInterval(function () {
      if (Date.now() - waitingSince > WAIT_MS) return stopWaiting();
      if (ready) hello(); // an answer may have left through another server: ask what we missed
    }, ASK_AGAIN_MS);
  }

  function stopWaiting() {
    clearInterval(waitTimer);
    waitingSince = 0;
    typing.replaceChildren();
  }

  // Sending

  function newId() { // crypto.randomUUID is missing on plain http, which a kiosk may use
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), function (byte) {
      return byte.toString(16).padStart(2, "0");
    }).join("");
  }

  function send(frame) {
    const said = { tap: frame.label, photo: words.photo };
    const article = showMine(said[frame.type] || frame.text, false);
    unsent.set(frame.id, { frame: frame, article: article });
    startWaiting();
    scrollDown();
    if (ready) put(frame);
  }

  function put(frame) {
    // A picture travels as one binary frame: its id, then the bytes.
    socket.send(frame.type === "photo" ? new Blob([frame.id, frame.picture]) : JSON.stringify(frame));
    watch();
  }

  /* A half-open line gives no event: too long without a welcome or an ack, and we dial again. */
  function watch() {
    clearTimeout(watchTimer);
    watchTimer = setTimeout(function () { if (!ready || unsent.size) lose(); }, ACK_MS);
  }

  function sendText(text) { send({ type: "say", id: newId(), text: text }); }

  // Pictures: made small here, so that a slow line and the server's limit are no trouble

  function sendPicture(file) {
    if (!file || !/^image\//.test(file.type)) return say(words.heavy, false);
    shrink(file).catch(function () { return file; }).then(function (picture) {
      if (picture.size > HEAVIEST) return say(words.heavy, false);
      send({ type: "photo", id: newId(), picture: picture });
    });
  }

  function shrink(file) {
    return createImageBitmap(file, { imageOrientation: "from-image" }).then(function (bitmap) {
      const scale = Math.min(1, WIDEST / Math.max(bitmap.width, bitmap.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(bitmap.width * scale);
      canvas.height = Math.round(bitmap.height * scale);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
      return new Promise(function (resolve, reject) {
        canvas.toBlob(function (blob) { if (blob) resolve(blob); else reject(); }, "image/jpeg", 0.85);
      });
    });
  }

  function pictureIn(transfer) {
    return Array.from((transfer && transfer.files) || []).find(function (file) { return /^image\//.test(file.type); });
  }

  function sendAgain() { if (ready) unsent.forEach(function (item) { put(item.frame); }); }

  function sendAgainIn(milliseconds) {
    clearTimeout(watchTimer);
    clearTimeout(retryTimer);
    retryTimer = setTimeout(sendAgain, milliseconds);
  }

  /* The server has it (acknowledged), or will never take it. */
  function settle(id, taken) {
    const item = unsent.get(id);
    if (!item) return;
    unsent.delete(id);
    const state = item.article.querySelector(".state");
    if (taken) return state.remove();
    state.textContent = words.refused;
    if (!unsent.size) stopWaiting();
  }

  // The line

  function connect() {
    clearTimeout(redial);
    redial = 0;
    watch();
    const mine = socket = new WebSocket(address.href);
    mine.onopen = function () { if (mine === socket) hello(); };
    mine.onmessage = function (event) { if (mine === socket) take(JSON.parse(event.data)); };
    mine.onclose = function () { if (mine === socket) lose(); };
  }

  function hello() { socket.send(JSON.stringify({ type: "hello", session: session, after: last })); }

  function lose() {
    const old = socket;
    socket = null;
    ready = false;
    clearTimeout(watchTimer);
    if (old) old.close();
    say(words.lost, true);
    redial = setTimeout(connect, pause * (0.5 + Math.random() / 2));
    pause = Math.min(pause * 2, LAST_PAUSE);
  }

  function hurry() { if (redial && document.visibilityState === "visible") connect(); }

  function take(frame) {
    if (frame.type === "welcome") welcome(frame);
    else if (frame.type === "reply") showReply(frame);
    else if (frame.type === "ack") settle(frame.id, true);
    else if (frame.type === "slow" && frame.id) {
      say(words.slow, false);
      sendAgainIn(frame.seconds * 1000 + 200);
    } else if (frame.type === "error" && frame.again) sendAgainIn(3000);
    else if (frame.type === "error") settle(frame.id, false);
  }

  function welcome(frame) {
    const again = ready;
    pause = FIRST_PAUSE;
    keep(frame.session);
    if (!met) greet(frame.history);
    else frame.history.forEach(function (item) { if (!item.mine) showReply(item); });
    met = ready = true;
    if (again) return;
    say("", true);
    sendAgain();
  }

  /* The first welcome of this page: the whole history, above what was typed meanwhile. */
  function greet(history) {
    log.setAttribute("aria-live", "off"); // nobody wants the whole past read aloud
    const early = Array.from(log.children);
    history.forEach(function (item) {
      if (item.mine) showMine(item.text, true);
      else showReply(item);
    });
    log.append.apply(log, early);
    const topic = query.get("start") || "";
    if (/^[A-Za-z0-9_-]{1,64}$/.test(topic)) { // a reload must not ask again
      window.history.replaceState(null, "", location.pathname + (framed ? "?widget=1" : ""));
      sendText("/start " + topic);
    } else if (!history.length && !unsent.size) sendText("/start");
    else if (unsent.size) startWaiting();
    scrollDown();
    setTimeout(function () { log.setAttribute("aria-live", "polite"); }, 500);
  }

  // The person

  function grow() {
    if (box.value.length > LONGEST) {
      box.value = box.value.slice(0, LONGEST);
      say(words.long, false);
    }
    box.style.height = "auto";
    box.style.height = box.scrollHeight + 3 + "px";
  }

  byId("form").addEventListener("submit", function (event) {
    event.preventDefault();
    const text = box.value.trim();
    box.focus();
    if (!text) return;
    box.value = "";
    grow();
    sendText(text);
  });
  box.addEventListener("input", grow);
  byId("camera").addEventListener("click", function () { byId("file").click(); });
  byId("file").addEventListener("change", function (event) {
    if (event.target.files.length) sendPicture(event.target.files[0]);
    event.target.value = ""; // the same picture may be sent again
  });
  box.addEventListener("paste", function (event) {
    const picture = pictureIn(event.clipboardData);
    if (!picture) return;
    event.preventDefault();
    sendPicture(picture);
  });
  ["dragover", "dragleave", "drop"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      event.preventDefault(); // else the browser would open the picture in place of the page
      document.body.classList.toggle("dropping", name === "dragover");
      if (name === "drop" && event.dataTransfer.files.length) sendPicture(event.dataTransfer.files[0]);
    });
  });
  box.addEventListener("keydown", function (event) {
    // A Vietnamese keyboard composes: its Enter ends a word and must not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    document.querySelector(".send").click();
  });
  document.querySelectorAll("[data-say]").forEach(function (button) {
    button.addEventListener("click", function () { sendText(button.dataset.say); });
  });
  function close() { window.parent.postMessage({ motcua: "close" }, "*"); }
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || event.isComposing) return;
    if (framed) close(); // in a widget Escape closes, as in every dialog
    else if (!box.value && !event.repeat) sendText("/start"); // half a question is not thrown away
  });
  byId("close").addEventListener("click", close);
  window.addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);

  document.body.classList.toggle("framed", framed);
  byId("close").hidden = !framed;
  if (framed || matchMedia("(pointer: fine)").matches) box.focus(); // on a phone this would raise the keyboard
  connect();
})();
