// The page of search results: it answers while the reader types, and needs no server.
document.addEventListener("DOMContentLoaded", () => {
  const list = document.getElementById("search-results");
  const status = document.getElementById("search-status");
  const input = document.querySelector(".bd-search-container form.bd-search input");
  if (!list || !input || !window.BOOK_SECTIONS) return;
  const { synonyms, pages, sections: rows } = window.BOOK_SECTIONS;
  const sections = bookSearch.prepare(rows.map(([page, anchor, number, title, text, kind]) => ({
    page: pages[page].title, kind: kind || pages[page].kind, number, title, text,
    url: `${pages[page].name}.html${anchor ? `#${anchor}` : ""}`, chapter: pages[page].number,
  })));

  function element(tag, text, name) {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (name) made.className = name;
    return made;
  }

  function result(section, query) {
    const item = element("li");
    const link = element("a", [section.number, section.title].filter(Boolean).join(" "));
    link.href = section.url;
    item.append(link);
    if (section.page !== section.title) {
      item.append(element("span", [section.chapter, section.page].filter(Boolean).join(" "),
        "search-where"));
    }
    const says = element("p");
    for (const [text, met] of bookSearch.snippet(section.text, query, synonyms)) {
      says.append(met ? element("mark", text) : document.createTextNode(text));
    }
    if (section.text) item.append(says);
    return item;
  }

  function part(heading, found, query) {
    if (!found.length) return;
    if (heading) list.append(element("h2", heading));
    const items = element("ol");
    items.append(...found.map((section) => result(section, query)));
    list.append(items);
  }

  function answer(query) {
    list.replaceChildren();
    const found = bookSearch.search(query, { sections, synonyms });
    const inApi = (section) => section.kind === "api";
    part("", found.filter((section) => !inApi(section)), query);
    part("In the API reference", found.filter(inApi), query);
    status.textContent = !query.trim() ? ""
      : `${found.length || "No"} ${found.length === 1 ? "place" : "places"} for “${query.trim()}”.`
        + (found.length ? "" : " The glossary and the page of questions may know it otherwise.");
  }

  input.value = new URLSearchParams(window.location.search).get("q") || "";
  answer(input.value);
  let waiting;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      answer(input.value);
      if (window.location.protocol !== "file:") {
        window.history.replaceState(null, "", `?q=${encodeURIComponent(input.value)}`);
      }
    }, 150);
  });
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(input.value);
  });
  input.focus();
});
