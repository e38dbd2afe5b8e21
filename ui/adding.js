// Adding articles: files that are chosen or dropped go up one by one; a path is read by Python.
// It goes on from page.js: the two are one script.

let adding = null; // what is being added: { zone, stopped }, and by path { key, began, queued } too
const MOST_TOLD = 20; // files of other kinds
const ADDING = "Files are being added already; wait for them, or stop them.";

async function addFiles(zone, files, others = []) {
  if (adding) return alarm(ADDING);
  zone.querySelector("[data-lines]").replaceChildren();
  if (!files.length) return alarm("There is no file of a kind that is read in it.");
  adding = { zone, stopped: false };
  const began = Date.now(), counts = {}, most = Number(zone.querySelector("[data-drop]").dataset.megabytes);
  for (const [index, file] of files.entries()) {
    if (adding.stopped) break;
    showProgress(zone, index, files.length, file.name, began);
    const item = file.size > 1e6 * most ? tooLarge(file, most) : await put(file);
    counts[item.status] = (counts[item.status] || 0) + 1;
    if (item.line) zone.querySelector("[data-lines]").insertAdjacentHTML("beforeend", item.line);
  }
  for (const file of others.slice(0, MOST_TOLD)) {
    const { line } = skipped(file, "a kind of file that is not read; save it as text, Markdown or HTML");
    zone.querySelector("[data-lines]").insertAdjacentHTML("beforeend", line);
  }
  finishAdding(counts, others.length);
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
    const taken = await fetch(`/articles/file?name=${encodeURIComponent(file.name)}`, { method: "PUT", body: file });
    const item = await taken.json();
    return item.status ? item : skipped(file, item.error);
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
  if (adding.key) {
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
  if (!zone.matches(".first") || !$("#first-run").hidden) return;
  // the first run is over: what became of the files is told where others are added
  for (const part of ["[data-progress]", "[data-lines]"])
    $("#adding").querySelector(part).replaceChildren(...zone.querySelector(part).childNodes);
  if ($("#adding [data-lines]").childElementCount) alarm(`${total}. Under “Articles” it says why.`);
}

function addByPath(form) {
  const path = form.elements.path.value.trim();
  if (!path) return;
  if (adding) return alarm(ADDING);
  const zone = form.parentElement;
  adding = { zone, began: Date.now(), key: newKey() };
  zone.querySelector("[data-lines]").replaceChildren();
  showProgress(zone, 0, 1, path, adding.began);
  trigger("addPath", { named: path, key: adding.key }); // Gradio takes what is called "path" for a file of its own
}

function shownAdding(news) {
  if (adding?.key !== news.key) return;
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
  const others = files.filter((f) => !f.name.startsWith(".") && !wanted.includes(f));
  addFiles(zone, wanted, others);
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
  const files = await filesIn(event.dataTransfer).catch(() => null);
  if (files) addChosen(drop.parentElement, files);
  else alarm("The browser cannot read all of what was dropped. Choose the files instead.");
});
