// Search through the sections of the book. A section is {page, title, url, kind, text}; kinds are
// "chapter", "page", "term", "list" and "api". No page is needed here, so that node can test it.
globalThis.bookSearch = (() => {
  const FEW = 5;
  const WEIGHT = { chapter: 1, term: 0.95, page: 0.9, list: 0.3, api: 0.3 };

  // One spelling for all: no case, no accents, -ise for -ize, colour for color, and so on.
  const SPELLINGS = [
    [/reparameteri[sz]/g, "reparametris"], [/parameteri[sz]/g, "parametris"],
    [/([a-z]{2})i[z](e[ds]?|ing|ers?|ations?)\b/g, "$1is$2"],
    [/(colo|behavio|neighbo|favo)ur/g, "$1r"], [/licenc/g, "licens"], [/centre/g, "center"],
    [/([a-z])ll(ing|ed)\b/g, "$1l$2"], [/[\u2018\u2019]/g, "'"], [/[\u2010\u2011\u2013]/g, "-"],
  ];
  const folded = (text) => SPELLINGS.reduce((t, [from, to]) => t.replace(from, to),
    text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase());

  // A word of the query is met by any text that begins a word with it; three letters or fewer
  // must be the whole word, or "ema" would find "remark" and "em" everything.
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/[\s-]+/g, "[\\s-]+");
  const pattern = (text) => new RegExp(
    `(?<![a-z0-9])${escaped(text)}${text.length < 4 ? "s?(?![a-z0-9])" : ""}`, "g");

  // Without the ending, so that "samplers", "sampling" and "sampled" find each other.
  const stem = (word) => word.replace(/([a-z]{3}[^s])s$/, "$1")
    .replace(/([a-z]{5})(ation|ing|ed|e)$/, "$1");

  // What the reader asks for: a list of needs, each with the ways in which it can be met. A whole
  // query that has synonyms is one need; else each word is one.
  function needs(query, synonyms) {
    const asked = folded(query).match(/[a-z0-9+.'\u0370-\u03ff]+(?:-[a-z0-9+]+)*/g) || [];
    const groups = synonyms.map((group) => group.map(folded));
    const plain = (text) => text.replace(/[\s-]+/g, " ");
    const alike = (text) => groups.filter((group) => group.some(
      (word) => plain(word) === plain(text))).flat();
    const found = [];
    for (let k = 0; k < asked.length;) {
      let length = Math.min(4, asked.length - k);
      while (length > 1 && !alike(asked.slice(k, k + length).join(" ")).length) length--;
      const text = asked.slice(k, k + length).join(" ");
      const ways = [...new Set([stem(text), text, ...alike(text)])];
      found.push({ text, ways, patterns: ways.map(pattern) });
      k += length;
    }
    return found;
  }

  const count = (text, patterns) => patterns.reduce(
    (sum, p) => sum + Math.min(8, (text.match(p) || []).length), 0);

  // How well a section answers; 0 where something asked for is not in it.
  function score(section, wanted) {
    let total = 0;
    for (const need of wanted) {
      const title = count(section.fold.title, need.patterns);
      const page = count(section.fold.page, need.patterns);
      const text = count(section.fold.text, need.patterns);
      if (!title && !text && !page) return 0;
      const whole = section.fold.title.split(", ").some((t) => need.ways.includes(t));
      total += (whole ? 12 : 0) + 6 * Math.min(1, title) + 2 * Math.min(1, page)
        + 2 * Math.log2(1 + text);
    }
    return total * WEIGHT[section.kind];
  }

  function prepare(sections) {
    for (const s of sections) {
      s.fold = { title: folded(s.title), page: s.title === s.page ? "" : folded(s.page),
        text: folded(s.text) };
    }
    return sections;
  }

  // The best sections for a query, at most `most`, what the API says after what the book says.
  function search(query, { sections, synonyms }, most = 40) {
    const meeting = (wanted, among) => !wanted.length ? [] : among.map((section) => (
      { section, score: score(section, wanted) })).filter((hit) => hit.score > 0);
    const found = meeting(needs(query, synonyms), sections);
    if (found.length < FEW) { // a phrase that hardly anybody uses: then its words, one by one
      const others = sections.filter((section) => !found.some((hit) => hit.section === section));
      found.push(...meeting(needs(query, []), others).map(
        (hit) => ({ ...hit, score: hit.score / 10 })));
    }
    const api = (hit) => (hit.section.kind === "api" ? 1 : 0);
    found.sort((a, b) => api(a) - api(b) || b.score - a.score);
    const book = found.filter((hit) => !api(hit)).slice(0, most);
    return [...book, ...found.filter(api).slice(0, most)].map((hit) => hit.section);
  }

  // The words around the first place that meets the query, cut into [text, is it a match] pieces.
  // The search folds spellings, which may change lengths, so it is done word by word here.
  function snippet(text, query, synonyms, length = 220) {
    const patterns = needs(query, synonyms).flatMap((need) => need.patterns);
    const words = text.split(/(\s+)/);
    const met = words.map(() => false);
    const starts = [];
    let joined = "";
    for (const word of words) {
      starts.push(joined.length);
      joined += folded(word);
    }
    for (const p of patterns) {
      for (const match of joined.matchAll(p)) {
        const end = match.index + match[0].length;
        starts.forEach((start, k) => {
          const stop = k + 1 < starts.length ? starts[k + 1] : joined.length;
          if (start < end && stop > match.index) met[k] = true;
        });
      }
    }
    let first = Math.max(0, met.indexOf(true) - 20);
    const pieces = first ? [["… ", false]] : [];
    let taken = 0;
    for (; first < words.length && taken < length; first++) {
      const last = pieces.at(-1);
      if (last && last[1] === met[first]) last[0] += words[first];
      else pieces.push([words[first], met[first]]);
      taken += words[first].length;
    }
    if (first < words.length) pieces.push(["…", false]);
    return pieces;
  }

  return { folded, needs, prepare, score, search, snippet };
})();
