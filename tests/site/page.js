// Looked at inside the page: each function returns the problems it found, in words.

function where(node) {
  const id = node.id ? "#" + node.id : "";
  return node.tagName.toLowerCase() + id + " " + (node.getAttribute("src") || node.className || "");
}

function images() {
  const found = [];
  for (const image of document.querySelectorAll("img")) {
    const hidden = image.closest("[aria-hidden=true], [role=presentation]");
    const alt = (image.getAttribute("alt") || "").trim();
    if (!hidden && !alt) found.push("no alternative text: " + where(image));
    if (/_images\/|\.(png|svg|jpe?g)$|^</.test(alt)) found.push("alternative text is no text: " + alt);
    if (!image.naturalWidth && image.offsetParent) found.push("not shown: " + where(image));
  }
  for (const drawing of document.querySelectorAll("canvas, svg[role=img], [role=img]:not(svg)")) {
    const name = drawing.getAttribute("aria-label") || drawing.getAttribute("aria-labelledby");
    const titled = drawing.querySelector("title") || drawing.closest("[aria-hidden=true], mjx-container");
    if (!name && !titled) found.push("a drawing without a name: " + where(drawing));
  }
  return found;
}

function quoted() {
  return Array.from(document.querySelectorAll(".pasted-text"), (node) => node.textContent.trim())
    .filter((text) => /^[([]/.test(text)).map((text) => "Python in a sentence: " + text);
}

function maths() {
  const found = [];
  for (const node of document.querySelectorAll("mjx-merror, [data-mjx-error]"))
    found.push("formula in error: " + (node.getAttribute("data-mjx-error") || node.textContent));
  for (const node of document.querySelectorAll(".math"))
    if (!node.querySelector("mjx-container")) found.push("not typeset: " + node.textContent.slice(0, 80));
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const raw = /\\[([]|\\begin\{|\$\$|\\(alpha|sigma|frac|sqrt|mathbb|mathcal|label|left|bar|operatorname)\b/;
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (raw.test(node.data) && !node.parentElement.closest("pre, code, script, style, mjx-container, textarea"))
      found.push("raw TeX: " + node.data.trim().slice(0, 80));
  }
  return found;
}

// Displayed formulas have room where they stand, which is less than the window, and stay legible.
function formulas() {
  const SMALLEST = 9.5, found = []; // CSS pixels
  for (const box of document.querySelectorAll("div.math")) {
    const name = box.id || "after " + (box.previousElementSibling || box.parentElement).textContent.slice(-40);
    for (const part of [box, ...box.querySelectorAll(":scope > mjx-container")])
      if (part.scrollWidth > part.clientWidth + 1)
        found.push(name + ": " + part.scrollWidth + " px wide in a column of " + part.clientWidth);
    const sizes = [...box.querySelectorAll("mjx-c")].map((glyph) => parseFloat(getComputedStyle(glyph).fontSize));
    if (Math.min(...sizes) < SMALLEST)
      found.push(name + ": letters of " + Math.min(...sizes) + " px");
  }
  return found;
}

// Code has thousands of coloured words and few colours: leave the first word of each colour to a
// check of contrast, and make plain text of the others.
function thinCode() {
  const words = [...document.querySelectorAll("pre span:not(:has(*))")], kept = new Set();
  const looks = words.map((word) => {
    const style = getComputedStyle(word);
    return [word.className, style.color, style.backgroundColor, style.opacity, style.fontSize].join();
  });
  words.forEach((word, k) => {
    if (kept.has(looks[k])) word.replaceWith(...word.childNodes);
    kept.add(looks[k]);
  });
}

function sideways() {
  const room = document.documentElement.clientWidth;
  const wide = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
  if (wide <= room + 1) return [];
  const out = [...document.body.querySelectorAll("*")].filter(
    (node) => node.getBoundingClientRect().right > room + 1 && node.offsetParent,
  );
  return ["the page is " + wide + " px wide in a window of " + room + ": " + out.slice(0, 4).map(where).join("; ")];
}

// The smallest type of the figures' style is 8 points. How large it is here follows from how far the
// picture was shrunk: a raster figure has 200 dots an inch, a drawing 96 pixels.
function types() {
  return [...document.querySelectorAll("figure img")]
    .filter((image) => image.currentSrc.includes("/_images/") && image.offsetParent)
    .map((image) => {
      const full = image.naturalWidth * (image.currentSrc.endsWith(".png") ? 96 / 200 : 1);
      const shrunk = Math.min(1, image.getBoundingClientRect().width / full);
      return { type: (8 * 96 / 72) * shrunk, figure: where(image.closest("figure")) };
    });
}

function figures() {
  return types().filter(({ type }) => type < 9)
    .map(({ type, figure }) => "type of " + type.toFixed(1) + " px in " + figure);
}

// The main text: what is read at a first reading, without captions, cells, tables and formulas.
function words() {
  const text = document.querySelector("article").cloneNode(true);
  const aside = "details, .dropdown, .toggle, .cell, figcaption, table, mjx-container, .highlight, script, style";
  for (const node of text.querySelectorAll(aside)) node.remove();
  return text.textContent.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length;
}
