"use strict";
// Sorts and filters the table of questions. Rows come from the page itself and are only moved and
// hidden, so that nothing of an article is ever read as HTML.
(() => {
  const STEP = 100; // rows that are shown at once: thousands would take seconds to lay out
  const table = document.getElementById("questions");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const filters = [...document.querySelectorAll("[data-filter]")];
  const count = document.getElementById("count");
  const more = document.getElementById("more");
  const inOrder = new Intl.Collator("en", { numeric: true }).compare;
  let rows = [...body.rows].map((element) => ({ element, ...element.dataset, words: null }));
  let limit = STEP;

  const wordsOf = (row) => (row.words ??= row.element.textContent.toLowerCase());

  const tests = {
    run: (row, value) => row.run === value,
    kind: (row, value) => row.kind === value,
    failure: (row, value) => (value === "wrong" ? row.failure !== "right" : row.failure === value),
    words: (row, value) => value.toLowerCase().split(/\s+/).every((w) => wordsOf(row).includes(w)),
  };

  function show() {
    const asked = filters.map((field) => [tests[field.dataset.filter], field.value.trim()]);
    const wanted = asked.filter(([, value]) => value);
    const found = rows.filter((row) => wanted.every(([test, value]) => test(row, value)));
    const shown = new Set(found.slice(0, limit));
    for (const row of rows) row.element.hidden = !shown.has(row);
    const part = found.length > limit ? `, the first ${limit} shown` : "";
    count.textContent = `${found.length} of ${rows.length} questions${part}`;
    more.hidden = found.length <= limit;
  }

  function sort(head, column) {
    const down = head.getAttribute("aria-sort") === "ascending";
    const numeric = head.classList.contains("number");
    const keyOf = (row) => row.element.cells[column].textContent.trim();
    const keyed = rows.map((row) => [numeric ? parseFloat(keyOf(row)) : keyOf(row), row]);
    const turn = down ? -1 : 1;
    keyed.sort(([a], [b]) => {
      if (!numeric) return turn * inOrder(a, b);
      return Number.isNaN(a) - Number.isNaN(b) || turn * (a - b) || 0; // those without one last
    });
    rows = keyed.map(([, row]) => row);
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const moved = document.createDocumentFragment();
    for (const row of rows) moved.append(row.element);
    body.append(moved);
    show();
  }

  for (const [column, head] of heads.entries()) {
    head.firstElementChild.addEventListener("click", () => sort(head, column));
  }
  for (const field of filters) {
    field.addEventListener("input", () => {
      limit = STEP;
      show();
    });
  }
  more.addEventListener("click", () => {
    limit += STEP;
    show();
  });
  show();
  table.dataset.ready = "";
})();
