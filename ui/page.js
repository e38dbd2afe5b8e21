// The page's behaviour, but for adding articles (adding.js): Python renders what is shown
// (ui/views.py); here it is asked for and put in its place. `element`, `trigger`, `props`, `server`
// and `watch` are what gr.HTML gives.

const $ = (selector) => element.querySelector(selector);
const $$ = (selector) => [...element.querySelectorAll(selector)];
const LIMIT = 50; // articles a page
const LOOKING = "Looking in the articles …";
const WORD_AFTER_MS = 300;
const PLACE_EVERY_MS = 3000; // most questions have been answered by then
const WORDING = "The model is wording this …";
const NOT_WORDED = "Not worded by the model: these are the articles’ own sentences.";
const NO_ANSWER = "The program did not answer. Is it still running? Reload the page to try again.";
const LOST = "The connection to the program was lost. Is it still running? Reload the page to try again.";
const SETTINGS = ["localStorage", "rag.settings"];
const CHAT = ["sessionStorage", "rag.chat"], SCOPE = ["sessionStorage", "rag.scope"], UNCHOSEN = ["sessionStorage", "rag.unchosen"];

let chat = null; // the id of the chat that is open, or null
let visits = 0; // how often a chat was opened or begun, or a question asked: what came before is past
let request = null; // the question that is being answered: { key, place, removed, question, queued }
let opener = null; // what opened the article panel, to give the focus back to
let articlesOffset = 0;
const unchosen = stored(UNCHOSEN) || {}; // titles by id: removed articles that were asked alone, and will be if brought back
let scope = { ...allArticles(), ...stored(SCOPE) };
let settings = stored(SETTINGS) || {};

// A browser may forbid its storage: then nothing outlasts the page.
function stored([storage, name]) {
  try {
    return JSON.parse(window[storage].getItem(name));
  } catch {
    return null;
  }
}

function keep([storage, name], value) {
  try {
    window[storage].setItem(name, JSON.stringify(value));
  } catch {}
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

// What it replies, { error } where it fails.
async function reply(name, data = {}) {
  try {
    return (await server[name](data)) || { error: NO_ANSWER };
  } catch {
    return { error: NO_ANSWER };
  }
}

// What it replied, after that is shown; null where it failed, after that is told.
async function call(name, data) {
  return shownOrTold(await reply(name, data));
}

const asked = {}; // how often each list or text was asked for

// As `call`, of what has one place in the page: null too where it was asked for again meanwhile.
async function fill(name, data) {
  const mine = (asked[name] = (asked[name] || 0) + 1);
  const answer = await reply(name, data);
  return mine === asked[name] ? shownOrTold(answer) : null;
}

function shownOrTold(answer) {
  if (answer.error) alarm(answer.error);
  else show(answer);
  return answer.error ? null : answer;
}

function show(told) {
  for (const [id, html] of Object.entries(told.html || {})) render(id, html);
  if (told.said) say(told.said);
}

const held = new Map(); // what is to be shown, by its place, when nobody is typing in a form there

function render(id, html) {
  const place = document.getElementById(id);
  held.delete(id);
  if (place.querySelector(".in-place")) held.set(id, html);
  else keepingFocus(place, () => (place.innerHTML = html));
}

function renderHeld() {
  for (const [id, html] of [...held]) render(id, html);
}

// `change()` puts other things in the place of these; the focus goes on where it was among them.
function keepingFocus(place, change, now = () => place) {
  const stops = (within) => [...within.querySelectorAll("a, button, input, summary")];
  const at = stops(place).indexOf(document.activeElement);
  change();
  if (at >= 0) stops(now()).slice(0, at + 1).pop()?.focus({ preventScroll: true });
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

async function ask(question, { replaces = null, standalone = null } = {}) {
  question = question.trim();
  if (!question || request) return;
  const visit = ++visits;
  held.delete("turns"); // what was kept before this question, and does not have it
  $("#alert").replaceChildren();
  const removed = replaces ? turnsFrom(replaces) : [];
  for (const turn of removed) turn.remove();
  const place = make(
    "article",
    { class: "turn pending", "aria-label": "Question and answer" },
    make("div", { class: "asked" }, make("h2", { class: "question", dir: "auto" }, question)),
    make("p", { class: "notice working" }, LOOKING),
  );
  $("#turns").append(place);
  $("#welcome").hidden = true;
  const { key } = (request = { key: newKey(), place, removed, question });
  setBusy(true);
  place.scrollIntoView({ block: "start" });
  setTimeout(tellPlace, PLACE_EVERY_MS, key);
  const answer = await reply("ask", {
    key,
    question,
    standalone,
    chat,
    replaces: replaces ? Number(replaces.dataset.turn) : null,
    scope: scopeForPython(),
    settings,
  });
  if (request?.key !== key) showKept(answer, visit);
  else if (answer.error) failed(key, answer.error);
  else showAnswer(answer);
}

// How many questions come before this one, as long as it is not answered.
async function tellPlace(key) {
  const { ahead } = isPending(key) ? await reply("place", { key }) : {};
  if (!isPending(key)) return;
  const before = `${ahead} question${ahead === 1 ? "" : "s"} before yours …`;
  request.place.querySelector(".notice").textContent = ahead ? before : LOOKING;
  setTimeout(tellPlace, PLACE_EVERY_MS, key);
}

function isPending(key) {
  return request?.key === key && request.place.classList.contains("pending");
}

function newKey() {
  return crypto.getRandomValues(new Uint32Array(2)).join("-");
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

async function stop() {
  if (!request) return;
  const { key, place } = request, turn = Number(place.dataset.turn) || null;
  trigger("stop", {});
  giveUp();
  say("Stopped.");
  $("#question").focus();
  const kept = await reply("stop_question", { key, chat, turn });
  // a sentence more may be kept than has come here
  if (kept.turn && place.isConnected && !place.querySelector(".in-place")) putInPlace(place, kept.turn);
}

// A question that was answered, and kept, before the program heard that it was stopped.
async function showKept(answer, visit) {
  if (!answer.chat) return;
  if (visit === visits) {
    const kept = await reply("open_chat", { chat: answer.chat });
    if (visit === visits && !kept.error) {
      openedChat(answer.chat);
      show(kept);
    }
  }
  listChats();
}

function openedChat(id) {
  chat = id;
  keep(CHAT, chat);
  $("#welcome").hidden = Boolean(chat);
}

// The question goes back into its box and what it was to replace to its place; but an answer that is
// there already stays, with a word on why it is all: `why`, where nothing of it is worded.
function giveUp(why) {
  const { place, removed, question } = request, box = $("#question");
  request = null;
  setBusy(false);
  if (!place.classList.contains("pending")) {
    const notice = place.querySelector(".notice.working");
    const worded = place.querySelector(".answer[data-method=generated]");
    notice?.replaceChildren(why && !worded ? why : notice.dataset.stopped);
    notice?.classList.remove("working");
    place.querySelector(".rates").hidden = false;
    listChats();
    return;
  }
  place.replaceWith(...removed);
  $("#welcome").hidden = Boolean($("#turns").childElementCount);
  if (!box.value) box.value = question;
  grow(box);
}

watch("value", () => {
  const news = props.value;
  if (!news) return;
  if (news.error) failed(news.key, news.error);
  else if (news.stage === "adding") shownAdding(news);
  else if (request?.key === news.key) showAnswer(news); // else it was stopped
});

// An answer in quotes, or as far as it is worded.
function showAnswer(news) {
  const quotesAreNew = request.place.classList.contains("pending");
  showTurn(news.turn);
  openedChat(news.chat);
  if (news.wording && quotesAreNew) {
    say(`${news.said} ${WORDING}`);
    setTimeout(word, WORD_AFTER_MS, news.key);
  }
  if (news.wording) return;
  show(news);
  request = null;
  setBusy(false);
  listChats();
}

// Not at once: where many ask, all of them see their quotes before anything is worded.
function word(key) {
  if (request?.key === key) trigger("word", { key });
}

// The question, or the adding, that has this key ends with `why`.
function failed(key, why) {
  if (request?.key === key) giveUp(NOT_WORDED);
  else if (adding?.key === key) finishAdding({}, 0);
  else return;
  alarm(why);
}

function showTurn(html) {
  const before = request.place;
  request.place = putInPlace(before, html);
  if (before.classList.contains("pending")) request.place.scrollIntoView({ block: "start" });
}

// The turn of that HTML, which stands where `before` stood.
function putInPlace(before, html) {
  const open = before.querySelector("details.why")?.open;
  before.insertAdjacentHTML("afterend", html);
  const turn = before.nextElementSibling;
  keepingFocus(before, () => before.remove(), () => turn);
  if (open) turn.querySelector("details.why").open = true;
  return turn;
}

// Gradio tells the page nothing of a refusal, nor of a connection that is lost.
const plainFetch = window.fetch;
window.fetch = async (...sent) => {
  const address = String(sent[0]?.url ?? sent[0]);
  if (address.includes("/queue/join")) return joined(sent);
  if (address.includes("/queue/data")) return streamed(sent);
  if (address.includes("/component_server")) return answered(sent);
  return plainFetch(...sent);
};

// A refusal in words is an answer too.
async function answered(sent) {
  const answer = await plainFetch(...sent);
  return answer.ok ? answer : new Response(answer.body);
}

async function joined(sent) {
  const { key } = JSON.parse(sent[1].body).event_data || {};
  const taken = await plainFetch(...sent).catch(() => Response.json({ error: LOST }, { status: 503 }));
  const one = [request, adding].find((other) => other?.key === key);
  if (!taken.ok) refused(key, taken.clone());
  else if (one) one.queued = true;
  return taken;
}

async function refused(key, answer) {
  const told = await answer.json().catch(() => ({}));
  failed(key, told.error || "Too much is waiting; try again in a while.");
}

const BROKEN = [{ msg: "unexpected_error", message: LOST }, { msg: "close_stream" }]
  .map((message) => `data: ${JSON.stringify(message)}\n\n`)
  .join("");

// What the queue tells, all in one stream. Where that breaks, Gradio would take nothing more until
// the page is loaded again: it is told instead that what it waited for has failed.
async function streamed(sent) {
  const answer = await plainFetch(...sent).catch(() => null);
  const from = answer?.ok ? answer.body.getReader() : null, decoder = new TextDecoder();
  let whole = false;
  const body = new ReadableStream({
    async pull(to) {
      const piece = await from?.read().catch(() => null);
      if (piece?.value) {
        whole ||= decoder.decode(piece.value, { stream: true }).includes('"close_stream"');
        return to.enqueue(piece.value);
      }
      if (!whole) {
        to.enqueue(new TextEncoder().encode(BROKEN));
        for (const one of [request, adding]) if (one?.queued) failed(one.key, LOST);
      }
      to.close();
    },
    cancel: () => from?.cancel(),
  });
  return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
}

// Gradio tells one's place in the queue beside the page, in words of its own.
function watchQueue() {
  const told = document.getElementById("place");
  const tell = () => {
    const [, place, all] = /queue: (\d+)\/(\d+)/.exec(told.textContent) || [];
    const words = place ? `Waiting for the model: number ${place} of ${all} …` : WORDING;
    const notice = $(".turn:not(.pending) .notice.working");
    if (notice && notice.textContent !== words) notice.textContent = words;
  };
  new MutationObserver(tell).observe(told, { childList: true, subtree: true, characterData: true });
}

// --- editing in place ----------------------------------------------------------------------------

// A small form in the place of `target`; `done(text)` when it is sent, nothing when it is left. One
// that `asks` waits for the answer before it.
function edit(target, { label, value = "", send, note = "", optional = false, asks = false, undo = null }, done) {
  const box = make("textarea", { rows: "1", maxlength: "10000", "aria-label": label });
  box.value = value;
  const leave = make("button", { type: "button", class: "plain small" }, "Cancel");
  const back = undo && make("button", { type: "button", class: "plain small" }, undo.label);
  const form = make(
    "form",
    { class: "in-place" },
    note && make("p", { class: "small" }, note),
    box,
    make("button", { type: "submit", class: "strong small" }, send),
    back || "",
    leave,
  );
  const close = () => {
    form.remove();
    target.hidden = false;
    (target.matches("button") ? target : target.querySelector("button"))?.focus();
    renderHeld();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text && !optional) return;
    if (asks && request) return alarm("Another question is being answered: wait for it, or stop it.");
    close();
    done(text);
  });
  box.addEventListener("keydown", (event) => submitOnEnter(event, form));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  leave.addEventListener("click", close);
  back?.addEventListener("click", () => {
    close();
    undo.act();
  });
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

// `asked(text, turn)`: the question, and what is to be searched for if it is something else.
function askAgain(button, { around, words, label }, asked) {
  if (request) return;
  const turn = button.closest(".turn"), target = button.closest(around);
  const after = turnsFrom(turn).length - 1;
  const note = `The new answer takes the place of this one${after ? ` and the ${after} after it` : ""}.`;
  const value = target.querySelector(words).textContent;
  edit(target, { label, value, send: "Ask again", note, asks: true }, (text) => {
    const [question, standalone = null] = asked(text, turn);
    const replaces = turn.isConnected ? turn : $(`#turns > [data-turn="${turn.dataset.turn}"]`);
    if (replaces) return ask(question, { replaces, standalone });
    const box = $("#question");
    box.value = [box.value, text].filter(Boolean).join("\n");
    grow(box);
    alarm("The question that you changed is no longer in this chat: nothing was asked. What you wrote is in the box for questions.");
  });
}

// --- the scope of a question ---------------------------------------------------------------------

function allArticles() {
  return { since: "", until: "", outlets: [], articles: {} };
}

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
  keep(SCOPE, scope);
  $("#scope-since").value = scope.since;
  $("#scope-until").value = scope.until;
  for (const box of $$("#scope-outlets input")) box.checked = scope.outlets.includes(box.value);
  for (const box of $$("input[data-choose]")) box.checked = box.dataset.choose in scope.articles;
  const chosen = Object.entries(scope.articles);
  $("#scope-articles-set").hidden = !chosen.length;
  const chosenChips = () => chosen.map(([id, title]) => chip(title, () => delete scope.articles[id]));
  $("#scope-articles").replaceChildren(...chosenChips());
  const parts = [
    scope.since && chip(`from ${scope.since}`, () => (scope.since = "")),
    scope.until && chip(`to ${scope.until}`, () => (scope.until = "")),
    ...scope.outlets.map((name) => chip(name, () => (scope.outlets = scope.outlets.filter((n) => n !== name)))),
    ...chosenChips(),
  ].filter(Boolean);
  const named = (chips) => (chips.length ? [make("span", { class: "label" }, "Asking only"), ...chips] : []);
  $("#scope-chips").replaceChildren(...named(parts));
  $("#chosen-chips").replaceChildren(...named(chosenChips()));
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
  return fill("list_articles", {
    containing: $("#filter-text").value,
    since: $("#filter-since").value,
    until: $("#filter-until").value,
    outlet: $("#filter-outlet").value,
    offset,
    limit: LIMIT,
  }).then(showScope);
}

async function refreshLibrary() {
  const outlet = $("#filter-outlet").value, told = await fill("library");
  if (!told) return;
  $("#filter-outlet").value = outlet;
  if ($("#filter-outlet").selectedIndex < 0) $("#filter-outlet").value = ""; // the outlet is gone
  $("#first-run").hidden = told.count > 0;
  $("#composer").hidden = told.count === 0;
  showScope();
  if (!$("#view-articles").hidden) await listArticles(articlesOffset);
  if (told.count) fill("examples");
}

async function openArticle(button) {
  const { article, start, end, answering, at } = button.dataset;
  const inPanel = $("#panel").contains(button);
  const told = await fill("open_article", {
    article,
    quote: start === undefined ? null : [Number(start), Number(end)],
    answering: (answering || "").split(",").filter(Boolean).map((span) => span.split("-").map(Number)),
    at: at === undefined ? null : Number(at),
  });
  if (!told) return;
  if (!inPanel) opener = button;
  for (const marker of $$(".marker[aria-expanded]")) marker.removeAttribute("aria-expanded");
  if (button.classList.contains("marker")) button.setAttribute("aria-expanded", "true");
  hideTip();
  $("#panel-name").textContent = $("#panel-title").textContent;
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
  if (opener && !opener.isConnected) opener = shownAnew(opener);
  opener?.removeAttribute("aria-expanded");
  opener?.focus();
  hideTip(); // which the focus shows: it is in the way of somebody who has just seen the article
}

// The button that stands for one that was on the page before, or null.
function shownAnew({ dataset: { article, start } }) {
  const again = `[data-article="${article}"]`;
  return $(start ? `.marker${again}[data-start="${start}"]` : `button${again}`);
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
  return fill("list_chats", { containing: $("#chat-search").value, current: chat });
}

function newChat() {
  if (request) stop();
  visits += 1;
  openedChat(null);
  clearTurns();
  closePanel();
  toggleRail(false);
  listChats();
  $("#question").focus();
}

// `quietly`: where it is gone, nobody has just asked for it. One that cannot be reached is not gone.
async function openChat(id, { quietly = false } = {}) {
  if (request) stop();
  const visit = ++visits, told = await reply("open_chat", { chat: id });
  if (visit !== visits) return;
  if (told.error) {
    if (!quietly || !told.gone) alarm(told.error);
    return told.gone && (quietly || chat === id) ? newChat() : listChats();
  }
  openedChat(id);
  clearTurns();
  show(told);
  toggleRail(false);
  await listChats();
  $("#turns > .turn:last-child")?.scrollIntoView({ block: "start" });
}

function clearTurns() {
  held.delete("turns");
  $("#turns").replaceChildren();
}

// The chats lie over the page where it is narrow; elsewhere they are beside it at all times.
function toggleRail(open) {
  const inside = $("#rail").contains(document.activeElement);
  const shown = $("#rag").toggleAttribute("data-rail", open), toggle = $(".rail-toggle");
  toggle.setAttribute("aria-expanded", String(shown));
  if (shown) $("#rail button").focus();
  else if (inside) toggle.focus();
}

// --- what buttons do -----------------------------------------------------------------------------

const DO = {
  newChat,
  closePanel,
  openArticle,
  toggleRail: () => toggleRail(),
  askExample: (button) => ask(button.textContent),
  clearScope: () => {
    scope = allArticles();
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
  editQuestion: (button) =>
    askAgain(button, { around: ".asked", words: ".question", label: "Your question" }, (text) => [text]),
  editSearched: (button) =>
    askAgain(button, { around: ".searched", words: ".standalone", label: "What to search for" }, (text, turn) => [
      turn.querySelector(".question").textContent,
      text,
    ]),
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
    const press = (pressed) => {
      for (const one of turn.querySelectorAll("[data-do=rate]")) one.setAttribute("aria-pressed", String(one === pressed));
    };
    const again = button.getAttribute("aria-pressed") === "true"; // whose reason stays till there is another
    if (!again && !(await give(""))) return;
    press(button);
    const rates = button.closest(".rates");
    if (rates.hidden) return;
    const label = verdict === "up" ? "What was good about it? (you may leave this out)" : "What was wrong? What would be right?";
    const value = again ? rates.dataset.reason : "";
    const takeBack = async () => {
      if (!(await call("rate", { turn: Number(turn.dataset.turn), verdict: "" }))) return;
      press(null);
      rates.dataset.reason = "";
    };
    const undo = again ? { label: "Take back", act: takeBack } : null;
    edit(rates, { label, value, send: "Send", note: label, optional: true, undo }, (text) => {
      rates.dataset.reason = text;
      if (text || value) give(text);
    });
  },
  removeArticle: async (button) => {
    const id = button.dataset.article;
    if (!(await call("remove_article", { article: id }))) return;
    if (id in scope.articles) unchosen[id] = scope.articles[id];
    delete scope.articles[id];
    keep(UNCHOSEN, unchosen);
    await refreshLibrary();
    $("#undo button")?.focus();
  },
  undoRemoval: async (button) => {
    const id = button.dataset.article;
    if (!(await call("undo_removal", { article: id }))) return;
    if (id in unchosen) scope.articles[id] = unchosen[id];
    delete unchosen[id];
    keep(UNCHOSEN, unchosen);
    refreshLibrary();
  },
};

// --- events --------------------------------------------------------------------------------------

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) return DO[button.dataset.do](button);
  if (event.target.matches(".skip")) {
    event.preventDefault();
    openView("ask");
    return $("#question").focus();
  }
  const tab = event.target.closest(".tab");
  if (tab) {
    closePanel();
    openView(tab.dataset.view);
    tab.focus();
  }
  if ($("#rag").hasAttribute("data-rail") && !event.target.closest("#rail")) toggleRail(false);
});
element.addEventListener("submit", (event) => {
  if (event.target.method === "post") {
    // signing out leaves the page, and nothing of what was asked here
    keep(CHAT, null);
    keep(SCOPE, null);
    return;
  }
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
  if (form?.reportValidity()) {
    settings = { ...Object.fromEntries(new FormData(form)), top: Number(form.elements.top.value) };
    keep(SETTINGS, settings);
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

// --- the start -----------------------------------------------------------------------------------

(async () => {
  setLook();
  watchQueue();
  if (!(await call("start", { settings }))) return;
  const view = location.hash.slice(1), last = stored(CHAT);
  if (["articles", "settings"].includes(view)) openView(view);
  await refreshLibrary();
  if (last && !visits) await openChat(last, { quietly: true });
  else await listChats();
  element.querySelector("#rag").dataset.ready = "yes";
})();
