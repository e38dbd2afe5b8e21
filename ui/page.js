// The page's behaviour. Python renders what is shown (ui/views.py); here it is asked for and put in
// its place. `element`, `trigger`, `props`, `server` and `watch` are what gr.HTML gives.

const $ = (selector) => element.querySelector(selector);
const $$ = (selector) => [...element.querySelectorAll(selector)];
const LIMIT = 50; // articles a page
const SETTINGS = "rag.settings", CHAT = "rag.chat", SCOPE = "rag.scope";

let chat = sessionStorage.getItem(CHAT); // the id of the chat that is open, or null
let request = null; // the question that is being answered: { key, place, removed, question }
let opener = null; // what opened the article panel, to give the focus back to
let adding = null; // the files that are being added: { zone, stopped }
let articlesOffset = 0;
let scope = { since: "", until: "", outlets: [], articles: {}, ...stored(sessionStorage, SCOPE) };
let settings = stored(localStorage, SETTINGS);

function stored(storage, name) {
  try {
    return JSON.parse(storage.getItem(name)) || {};
  } catch {
    return {};
  }
}

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in made && typeof value !== "string") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// --- asking Python -------------------------------------------------------------------------------

async function call(name, data = {}) {
  let reply;
  try {
    reply = await server[name](data);
  } catch {
    reply = { error: "The program did not answer. Is it still running? Reload the page to try again." };
  }
  if (!reply || reply.error) {
    alarm(reply ? reply.error : "The program gave no answer.");
    return null;
  }
  show(reply);
  return reply;
}

function show(reply) {
  for (const [id, html] of Object.entries(reply.html || {})) {
    const place = document.getElementById(id);
    if (place) place.innerHTML = html;
  }
  if (reply.said) say(reply.said);
}

function alarm(text) {
  const close = make("button", { type: "button", class: "plain small" }, "Close");
  close.addEventListener("click", () => $("#alert").replaceChildren());
  $("#alert").replaceChildren(make("p", {}, text, " ", close));
}

function say(text) {
  $("#said").textContent = text;
}

// --- views ---------------------------------------------------------------------------------------

function openView(name) {
  for (const view of $$(".view")) view.hidden = view.id !== `view-${name}`;
  for (const tab of $$(".tab")) {
    if (tab.dataset.view === name) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  history.replaceState(null, "", `#${name}`);
  if (name === "articles") listArticles();
}

function setLook() {
  document.documentElement.dataset.look = settings.look || "";
}

// --- asking a question ---------------------------------------------------------------------------

function ask(question, { replaces = null, standalone = null } = {}) {
  question = question.trim();
  if (!question || request) return;
  $("#alert").replaceChildren();
  const removed = replaces ? turnsFrom(replaces) : [];
  for (const turn of removed) turn.remove();
  const place = make(
    "article",
    { class: "turn pending", "aria-label": "Question and answer" },
    make("div", { class: "asked" }, make("h2", { class: "question", dir: "auto" }, question)),
    make("p", { class: "notice working" }, "Looking in the articles …"),
  );
  $("#turns").append(place);
  $("#welcome").hidden = true;
  request = { key: crypto.getRandomValues(new Uint32Array(2)).join("-"), place, removed, question };
  setBusy(true);
  place.scrollIntoView({ block: "start" });
  trigger("ask", {
    key: request.key,
    question,
    standalone,
    chat,
    replaces: replaces ? Number(replaces.dataset.turn) : null,
    scope: scopeForPython(),
    settings,
  });
}

function turnsFrom(turn) {
  const turns = $$("#turns > .turn");
  return turns.slice(turns.indexOf(turn));
}

function setBusy(busy) {
  $("#ask").hidden = busy;
  $("#stop").hidden = !busy;
  element.querySelector("#rag").toggleAttribute("data-busy", busy);
}

function stop() {
  if (!request) return;
  trigger("stop", {});
  const { place, removed, question } = request;
  if (place.classList.contains("pending")) {
    place.replaceWith(...removed);
    const box = $("#question");
    if (!box.value) box.value = question;
    grow(box);
  } else {
    place.querySelector(".notice.working")?.replaceChildren("Stopped: the quotes stand as they are.");
    place.querySelector(".notice.working")?.classList.remove("working");
  }
  request = null;
  setBusy(false);
  say("Stopped.");
  $("#question").focus();
}

watch("value", () => {
  const news = props.value;
  if (!news) return;
  if (news.stage === "adding") return shownAdding(news);
  if (!request || news.key !== request.key) return; // of a question that was stopped
  if (news.error) return failed(news.error);
  const before = request.place;
  const open = before.querySelector("details.why")?.open;
  before.insertAdjacentHTML("afterend", news.turn);
  request.place = before.nextElementSibling;
  before.remove();
  if (open) request.place.querySelector("details.why").open = true;
  chat = news.chat;
  sessionStorage.setItem(CHAT, chat);
  if (!news.wording) {
    show(news);
    request = null;
    setBusy(false);
  }
});

function failed(message) {
  const { place, removed, question } = request;
  place.replaceWith(...removed);
  $("#question").value = question;
  request = null;
  setBusy(false);
  alarm(message);
}

// --- editing in place ----------------------------------------------------------------------------

// A small form in the place of `target`; `done(text)` when it is sent, nothing when it is left.
function edit(target, { label, value = "", send, note = "", optional = false }, done) {
  const box = make("textarea", { rows: "1", maxlength: "10000", "aria-label": label });
  box.value = value;
  const leave = make("button", { type: "button", class: "plain small" }, "Cancel");
  const form = make(
    "form",
    { class: "in-place" },
    box,
    make("button", { type: "submit", class: "strong small" }, send),
    leave,
    note && make("p", { class: "small" }, note),
  );
  const close = () => {
    form.remove();
    target.hidden = false;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text && !optional) return;
    close();
    done(text);
  });
  box.addEventListener("keydown", (event) => submitOnEnter(event, form));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
    target.querySelector("button")?.focus();
  });
  leave.addEventListener("click", close);
  box.addEventListener("input", () => grow(box));
  target.hidden = true;
  target.after(form);
  grow(box);
  box.focus();
}

function submitOnEnter(event, form) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
}

function grow(box) {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight + 2, window.innerHeight * 0.4)}px`;
}

function noteOnReplacing(turn) {
  const after = turnsFrom(turn).length - 1;
  const more = after ? ` and the ${after} after it` : "";
  return `The new answer takes the place of this one${more}.`;
}

// --- the scope of a question ---------------------------------------------------------------------

function scopeForPython() {
  return { ...scope, articles: Object.keys(scope.articles) };
}

function readScope() {
  scope.since = $("#scope-since").value;
  scope.until = $("#scope-until").value;
  scope.outlets = $$("#scope-outlets input:checked").map((box) => box.value);
  showScope();
}

function showScope() {
  sessionStorage.setItem(SCOPE, JSON.stringify(scope));
  $("#scope-since").value = scope.since;
  $("#scope-until").value = scope.until;
  for (const box of $$("#scope-outlets input")) box.checked = scope.outlets.includes(box.value);
  for (const box of $$("input[data-choose]")) box.checked = box.dataset.choose in scope.articles;
  const chosen = Object.entries(scope.articles);
  $("#scope-articles-set").hidden = !chosen.length;
  $("#scope-articles").replaceChildren(...chosen.map(([id, title]) => chip(title, () => delete scope.articles[id])));
  const parts = [
    scope.since && chip(`from ${scope.since}`, () => (scope.since = "")),
    scope.until && chip(`to ${scope.until}`, () => (scope.until = "")),
    ...scope.outlets.map((name) => chip(name, () => (scope.outlets = scope.outlets.filter((n) => n !== name)))),
    ...chosen.map(([id, title]) => chip(title, () => delete scope.articles[id])),
  ].filter(Boolean);
  $("#scope-chips").replaceChildren(...(parts.length ? [make("span", { class: "label" }, "Asking only"), ...parts] : []));
  $("#scope-summary").textContent = parts.length ? "Change what is asked" : "All articles";
}

function chip(text, drop) {
  const made = make("button", { type: "button", class: "chip", "aria-label": `No longer only: ${text}` }, make("bdi", {}, text), " ×");
  made.addEventListener("click", () => {
    drop();
    showScope();
  });
  return made;
}

// --- articles ------------------------------------------------------------------------------------

function listArticles(offset = 0) {
  articlesOffset = offset;
  return call("list_articles", {
    containing: $("#filter-text").value,
    since: $("#filter-since").value,
    until: $("#filter-until").value,
    outlet: $("#filter-outlet").value,
    offset,
    limit: LIMIT,
  }).then(showScope);
}

async function openArticle(button) {
  const { article, start, end, answering, at } = button.dataset;
  const inPanel = $("#panel").contains(button);
  const reply = await call("open_article", {
    article,
    quote: start === undefined ? null : [Number(start), Number(end)],
    answering: (answering || "").split(",").filter(Boolean).map((span) => span.split("-").map(Number)),
    at: at === undefined ? null : Number(at),
  });
  if (!reply) return;
  if (!inPanel) opener = button;
  for (const marker of $$(".marker[aria-expanded]")) marker.removeAttribute("aria-expanded");
  if (button.classList.contains("marker")) button.setAttribute("aria-expanded", "true");
  hideTip();
  $("#panel").hidden = false;
  $("#rag").toggleAttribute("data-panel", true);
  $("#panel-title")?.focus({ preventScroll: true });
  const quote = $("#panel mark");
  if (quote) quote.scrollIntoView({ block: "center" });
  else $("#panel").scrollTop = 0;
}

function closePanel() {
  if ($("#panel").hidden) return;
  $("#panel").hidden = true;
  $("#rag").toggleAttribute("data-panel", false);
  opener?.removeAttribute("aria-expanded");
  opener?.focus();
}

// --- adding articles -----------------------------------------------------------------------------

async function addFiles(zone, files, passedOver = 0) {
  if (adding) return alarm("Files are being added already; wait for them, or stop them.");
  if (!files.length) return alarm("There is no file of a kind that is read in it.");
  adding = { zone, stopped: false };
  const began = Date.now(), counts = {}, most = Number(zone.querySelector("[data-drop]").dataset.megabytes);
  zone.querySelector("[data-lines]").replaceChildren();
  for (const [index, file] of files.entries()) {
    if (adding.stopped) break;
    showProgress(zone, index, files.length, file.name, began);
    const item = file.size > 1e6 * most ? tooLarge(file, most) : await put(file);
    counts[item.status] = (counts[item.status] || 0) + 1;
    if (item.line) zone.querySelector("[data-lines]").insertAdjacentHTML("beforeend", item.line);
  }
  finishAdding(counts, passedOver);
}

function skipped(file, why) {
  const line = make("li", { class: "skipped" }, make("b", {}, "skipped"), ` ${file.name} `, make("span", { class: "small" }, why));
  return { status: "skipped", line: line.outerHTML };
}

function tooLarge(file, most) {
  return skipped(file, `larger than ${most} MB; split it, or start with a higher --max-megabytes`);
}

async function put(file) {
  try {
    const reply = await fetch(`/articles/file?name=${encodeURIComponent(file.name)}`, { method: "PUT", body: file });
    return await reply.json();
  } catch {
    return skipped(file, "the program did not take it; is it still running?");
  }
}

function showProgress(zone, done, total, name, began) {
  const left = done ? Math.round(((Date.now() - began) / done) * (total - done) / 1000) : null;
  const text = `${done} of ${total} · ${name}${left === null ? "" : ` · about ${left} s left`}`;
  let bar = zone.querySelector("progress");
  if (!bar) {
    const stopIt = make("button", { type: "button", class: "plain small" }, "Stop");
    stopIt.addEventListener("click", stopAdding);
    zone.querySelector("[data-progress]").replaceChildren(
      make("progress", { "aria-label": "Files added" }), make("span", { class: "small" }), stopIt,
    );
    bar = zone.querySelector("progress");
  }
  bar.max = total;
  bar.value = done;
  bar.nextElementSibling.textContent = text;
}

function stopAdding() {
  if (!adding) return;
  adding.stopped = true;
  if (adding.byPath) {
    trigger("stopAdding", {});
    finishAdding({}, 0);
  }
}

async function finishAdding(counts, passedOver) {
  const { zone } = adding;
  adding = null;
  const parts = Object.entries(counts).map(([status, count]) => `${count} ${status}`);
  if (passedOver) parts.push(`${passedOver} of other kinds passed over`);
  const total = parts.join(", ") || "Stopped";
  zone.querySelector("[data-progress]").replaceChildren(make("p", {}, `${total}.`));
  say(`${total}.`);
  await refreshLibrary();
}

async function refreshLibrary() {
  const reply = await call("library");
  if (!reply) return;
  const lines = $("#first-run [data-lines]"); // what was skipped stays readable when the page changes
  if (reply.count && lines?.childElementCount) $("#adding [data-lines]")?.replaceChildren(...lines.children);
  $("#first-run").hidden = reply.count > 0;
  $("#composer").hidden = reply.count === 0;
  showScope();
  if (!$("#view-articles").hidden) await listArticles(articlesOffset);
  if (reply.count) call("examples");
}

function addByPath(form) {
  const path = form.elements.path.value.trim();
  if (!path || adding) return;
  const zone = form.parentElement;
  adding = { zone, byPath: true, counts: {}, began: Date.now(), key: String(Date.now()) };
  zone.querySelector("[data-lines]").replaceChildren();
  showProgress(zone, 0, 1, path, Date.now());
  trigger("addPath", { path, key: adding.key });
}

function shownAdding(news) {
  if (!adding || news.key !== adding.key) return;
  if (news.error) {
    alarm(news.error);
    return finishAdding({}, 0);
  }
  for (const line of news.lines) adding.zone.querySelector("[data-lines]").insertAdjacentHTML("beforeend", line);
  if (news.finished) return finishAdding(news.counts, 0);
  showProgress(adding.zone, news.done, news.total, news.name, adding.began);
}

async function filesIn(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = [];
  const walk = async (entry) => {
    if (entry.isFile) return found.push(await new Promise((good, bad) => entry.file(good, bad)));
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((good, bad) => reader.readEntries(good, bad));
      if (!some.length) return;
      for (const one of some) await walk(one);
    }
  };
  for (const entry of entries) await walk(entry);
  return found;
}

function addChosen(zone, files) {
  const kinds = zone.querySelector("input[accept]").accept.split(",");
  const wanted = files.filter((f) => !f.name.startsWith(".") && kinds.some((kind) => f.name.toLowerCase().endsWith(kind)));
  // a single file of another kind is sent all the same: the reason comes back with the remedy
  if (files.length === 1) return addFiles(zone, files);
  addFiles(zone, wanted, files.length - wanted.length);
}

// --- the quote beside its marker -----------------------------------------------------------------

let tipTimer = 0;

function showTip(marker) {
  const text = document.getElementById(marker.getAttribute("aria-describedby"));
  if (!text) return;
  clearTimeout(tipTimer);
  const tip = $("#tip");
  tip.innerHTML = text.innerHTML;
  tip.hidden = false;
  const at = marker.getBoundingClientRect(), width = tip.offsetWidth, height = tip.offsetHeight;
  const below = at.bottom + height + 12 < window.innerHeight;
  tip.style.left = `${Math.max(8, Math.min(at.left - 24, window.innerWidth - width - 8))}px`;
  tip.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - height - 6)}px`;
}

function hideTip() {
  clearTimeout(tipTimer);
  $("#tip").hidden = true;
}

function hideTipSoon() {
  clearTimeout(tipTimer);
  tipTimer = setTimeout(hideTip, 200); // time to move onto it
}

// --- chats ---------------------------------------------------------------------------------------

function listChats() {
  return call("list_chats", { containing: $("#chat-search").value, current: chat });
}

function newChat() {
  if (request) stop();
  chat = null;
  sessionStorage.removeItem(CHAT);
  $("#turns").replaceChildren();
  $("#welcome").hidden = false;
  closePanel();
  toggleRail(false);
  listChats();
  $("#question").focus();
}

async function openChat(id) {
  if (request) stop();
  const reply = await call("open_chat", { chat: id });
  if (!reply) {
    if (chat === id) newChat();
    return;
  }
  chat = id;
  sessionStorage.setItem(CHAT, chat);
  $("#welcome").hidden = true;
  toggleRail(false);
  await listChats();
  $("#turns > .turn:last-child")?.scrollIntoView({ block: "start" });
}

function toggleRail(open) {
  const rail = $("#rag").toggleAttribute("data-rail", open);
  $(".rail-toggle").setAttribute("aria-expanded", String(rail));
}

// --- what buttons do -----------------------------------------------------------------------------

const DO = {
  newChat,
  closePanel,
  openArticle,
  toggleRail: () => toggleRail(),
  askExample: (button) => ask(button.textContent),
  clearScope: () => {
    scope = { since: "", until: "", outlets: [], articles: {} };
    showScope();
  },
  articlesFrom: (button) => listArticles(Number(button.dataset.offset)),
  openChat: (button) => openChat(button.closest("[data-chat]").dataset.chat),
  renameChat: (button) => {
    const row = button.closest("[data-chat]"), title = row.querySelector(".chat");
    row.querySelector("details").open = false;
    edit(title, { label: "Name of the chat", value: title.textContent, send: "Rename" }, async (text) => {
      await call("rename_chat", { chat: row.dataset.chat, title: text });
      listChats();
    });
  },
  deleteChat: async (button) => {
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = "Really delete";
      return;
    }
    const id = button.closest("[data-chat]").dataset.chat;
    if (!(await call("delete_chat", { chat: id }))) return;
    if (id === chat) newChat();
    else listChats();
  },
  editQuestion: (button) => {
    const turn = button.closest(".turn"), asked = button.closest(".asked");
    if (request) return;
    const value = asked.querySelector(".question").textContent;
    edit(asked, { label: "Your question", value, send: "Ask again", note: noteOnReplacing(turn) }, (text) =>
      ask(text, { replaces: turn }),
    );
  },
  editSearched: (button) => {
    const turn = button.closest(".turn"), searched = button.closest(".searched");
    if (request) return;
    const value = searched.querySelector(".standalone").textContent;
    edit(searched, { label: "What to search for", value, send: "Ask again", note: noteOnReplacing(turn) }, (text) =>
      ask(turn.querySelector(".question").textContent, { replaces: turn, standalone: text }),
    );
  },
  copyAnswer: async (button) => {
    const box = button.closest(".turn").querySelector(".copied");
    try {
      await navigator.clipboard.writeText(box.value);
    } catch {
      box.hidden = false; // where the page has no right to the clipboard, as over plain http
      box.select();
      document.execCommand("copy");
      box.hidden = true;
    }
    button.textContent = "Copied";
    say("The answer with its sources was copied.");
    setTimeout(() => (button.textContent = "Copy with sources"), 2000);
  },
  rate: async (button) => {
    const turn = button.closest(".turn"), verdict = button.dataset.verdict;
    const give = (reason) => call("rate", { turn: Number(turn.dataset.turn), verdict, reason });
    if (!(await give(""))) return;
    for (const one of turn.querySelectorAll("[data-do=rate]")) one.setAttribute("aria-pressed", String(one === button));
    const rates = button.closest(".rates");
    if (rates.hidden) return;
    const label = verdict === "up" ? "What was good about it? (you may leave this out)" : "What was wrong? What would be right?";
    edit(rates, { label, send: "Send", note: label, optional: true }, (text) => text && give(text));
  },
  removeArticle: async (button) => {
    const id = button.dataset.article;
    if (!(await call("remove_article", { article: id }))) return;
    delete scope.articles[id];
    await refreshLibrary();
    $("#undo button")?.focus();
  },
  undoRemoval: async (button) => {
    if (await call("undo_removal", { article: button.dataset.article })) refreshLibrary();
  },
};

// --- events --------------------------------------------------------------------------------------

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) return DO[button.dataset.do](button);
  const tab = event.target.closest(".tab");
  if (tab) openView(tab.dataset.view);
});
element.addEventListener("submit", (event) => {
  if (event.target.method === "post") return; // signing out leaves the page
  event.preventDefault();
  if (event.target.id === "composer") {
    const box = $("#question");
    if (request || !box.value.trim()) return;
    ask(box.value);
    box.value = "";
    grow(box);
  }
  if (event.target.matches("[data-by-path]")) addByPath(event.target);
});
$("#stop").addEventListener("click", stop);
$("#question").addEventListener("keydown", (event) => submitOnEnter(event, $("#composer")));
$("#question").addEventListener("input", (event) => grow(event.target));

element.addEventListener("change", (event) => {
  const box = event.target;
  if (box.closest(".scope-fields")) readScope();
  if (box.closest("#article-filter")) listArticles();
  if (box.dataset.choose) {
    if (box.checked) scope.articles[box.dataset.choose] = box.dataset.title;
    else delete scope.articles[box.dataset.choose];
    showScope();
  }
  if (box.matches("[data-pick]")) {
    addChosen(box.closest("[data-drop]").parentElement, [...box.files]);
    box.value = "";
  }
  const form = box.closest("[data-settings]");
  if (form) {
    settings = { ...Object.fromEntries(new FormData(form)), top: Number(form.elements.top.value) };
    localStorage.setItem(SETTINGS, JSON.stringify(settings));
    setLook();
    say("Kept.");
  }
});

let typing = 0;
element.addEventListener("input", (event) => {
  const search = { "chat-search": listChats, "filter-text": listArticles }[event.target.id];
  if (!search) return;
  clearTimeout(typing);
  typing = setTimeout(() => search(), 250);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!$("#tip").hidden) return hideTip();
  if ($("#rag").hasAttribute("data-rail")) return toggleRail(false);
  closePanel();
});

for (const [name, handle] of [["pointerover", showTip], ["focusin", showTip], ["pointerout", hideTipSoon], ["focusout", hideTipSoon]]) {
  element.addEventListener(name, (event) => {
    if (event.pointerType === "touch") return;
    if (name === "focusin" && !event.target.matches(":focus-visible")) return;
    if (event.target.closest("#tip")) return name === "pointerover" ? clearTimeout(tipTimer) : hideTipSoon();
    const marker = event.target.closest(".marker");
    if (marker) handle(marker);
  });
}

element.addEventListener("dragover", (event) => {
  const drop = event.target.closest("[data-drop]");
  if (!drop) return;
  event.preventDefault();
  drop.classList.add("over");
});
element.addEventListener("dragleave", (event) => event.target.closest?.("[data-drop]")?.classList.remove("over"));
element.addEventListener("drop", async (event) => {
  const drop = event.target.closest("[data-drop]");
  if (!drop) return;
  event.preventDefault();
  drop.classList.remove("over");
  addChosen(drop.parentElement, await filesIn(event.dataTransfer));
});

// --- the start -----------------------------------------------------------------------------------

(async () => {
  setLook();
  const reply = await call("start", { settings });
  if (!reply) return;
  const view = location.hash.slice(1);
  if (["articles", "settings"].includes(view)) openView(view);
  await refreshLibrary();
  if (chat) await openChat(chat);
  else await listChats();
  element.querySelector("#rag").dataset.ready = "yes";
})();
