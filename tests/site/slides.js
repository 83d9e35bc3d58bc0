// What sticks out of the slide that is shown, or is small. Words of formulas and figures apart.
([smallest, smallestInFigures]) => {
  const slide = document.querySelector(".slide-shown"), box = slide.getBoundingClientRect();
  const found = [], room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > room + 1) found.push("wider than the window");
  const head = slide.querySelector("h2").getBoundingClientRect();
  const foot = slide.querySelector(".slide-foot").getBoundingClientRect();
  for (const part of slide.querySelectorAll(".slide-body > *, .slide-body img, .slide-foot")) {
    const at = part.getBoundingClientRect();
    const inside = part.matches(".slide-foot") ? box
      : { top: head.bottom, bottom: foot.top, left: box.left, right: box.right };
    if (at.top < inside.top - 1 || at.bottom > inside.bottom + 1 || at.left < inside.left - 1
        || at.right > inside.right + 1)
      found.push(part.tagName + " sticks out: " + part.textContent.slice(0, 50));
    if (part.scrollWidth > part.clientWidth + 1 && !part.matches("p, img")) found.push(part.tagName + " is cut");
  }
  for (const formula of slide.querySelectorAll("div.math > mjx-container"))
    if (formula.scrollWidth > formula.clientWidth + 1) found.push("a formula is cut: " + formula.textContent);
  const walk = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const around = walk.currentNode.parentElement;
    const apart = around.closest("mjx-container, script, .slide-open, [hidden]");
    if (!walk.currentNode.data.trim() || apart) continue;
    const size = parseFloat(getComputedStyle(around).fontSize);
    if (size < smallest - 0.05) found.push(size + " px: " + walk.currentNode.data.trim().slice(0, 40));
  }
  // Dots an inch: figures are stored with 200 or drawn, stills with 160, and their smallest type is
  // of 8 points. A film has one layout, which the chapter shows no larger.
  for (const image of slide.querySelectorAll("img")) {
    if (image.closest(".frame-player")) continue;
    const stored = image.currentSrc.startsWith("data:");
    const dots = stored ? 160 : image.currentSrc.endsWith(".png") ? 200 : 96;
    const at = image.getBoundingClientRect();
    const scale = Math.min(at.width / image.naturalWidth, at.height / image.naturalHeight);
    const type = 8 * dots / 72 * scale;
    if (type < smallestInFigures)
      found.push("type of " + type.toFixed(1) + " px in a figure: " + image.alt.slice(0, 40));
  }
  return found;
}
