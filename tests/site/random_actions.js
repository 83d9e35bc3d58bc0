/* What a reader may do with a live part, at random, by a fixed seed: presses on pictures and
   buttons, keys, lists, sliders, ticks. Returns how often each was done. */
async ({ root, seed, actions }) => {
  const home = document.querySelector(root), uniform = DiffusionShared.uniforms(seed);
  const below = (n) => Math.floor(n * uniform()), one = (list) => list[below(list.length)];
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Enter", " ", "Escape", "+", "-",
                "[", "]", "Delete"];
  const LEAVE = /Download|Open|Copy/;  // these ask the browser, not the page
  const counts = {};

  const all = (selector) => [...home.querySelectorAll(selector)]
    .filter((node) => node.offsetParent && !node.disabled);
  function pointer(node, kind, x, y) {
    const box = node.getBoundingClientRect();
    const at = { clientX: box.left + x * box.width, clientY: box.top + y * box.height, pointerId: 1,
                 isPrimary: true, button: 0, buttons: kind === "pointerup" ? 0 : 1, bubbles: true,
                 cancelable: true, pointerType: "mouse" };
    node.dispatchEvent(kind === "click" ? new MouseEvent(kind, at) : new PointerEvent(kind, at));
  }
  function told(node, kind) { node.dispatchEvent(new Event(kind, { bubbles: true })); }
  const ACTS = {
    press(node = one(all("canvas"))) {
      const at = [uniform(), uniform()];
      for (const kind of ["pointerdown", "pointerup", "click"]) { pointer(node, kind, ...at); }
    },
    drag(node = one(all("canvas"))) {
      pointer(node, "pointerdown", uniform(), uniform());
      for (let k = 0; k < 4; k++) { pointer(node, "pointermove", uniform(), uniform()); }
      pointer(node, "pointerup", uniform(), uniform());
    },
    key(node = one(all("canvas"))) {
      node.focus();
      const options = { key: one(KEYS), shiftKey: uniform() < 0.2, bubbles: true, cancelable: true };
      node.dispatchEvent(new KeyboardEvent("keydown", options));
    },
    button(node = one(all("button").filter((each) => !LEAVE.test(each.textContent)))) {
      node.click();
    },
    list(node = one(all("select"))) {
      node.value = one([...node.options].filter((option) => !option.disabled)).value;
      told(node, "change");
    },
    slider(node = one(all("input[type=range]"))) {
      node.value = Number(node.min) + uniform() * (node.max - node.min);
      told(node, "input");
      told(node, "change");
    },
    number(node = one(all("input[type=number]"))) {
      if (!node) { return; }
      node.value = one(["", "-1", "1e9", String(uniform()), String(below(500))]);
      told(node, "input");
      told(node, "change");
    },
    tick(node = one(all("input[type=checkbox]"))) { node.click(); },
    choice(node = one(all("input[type=radio]"))) { node.click(); },
    fold(node = one(all("summary"))) { node.click(); },
  };
  for (let k = 0; k < actions; k++) {
    const act = one(Object.keys(ACTS));
    counts[act] = (counts[act] || 0) + 1;
    ACTS[act]();
    await pause(uniform() < 0.1 ? 150 : 5);
  }
  await pause(1000);
  return counts;
}
