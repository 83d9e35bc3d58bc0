// What a reader of a notebook in JupyterLab sees; tests/site/lab.py asks.

const texts = () => [...document.querySelectorAll('.jp-Notebook .jp-MarkdownOutput')];

function dialogs() {
  return [...document.querySelectorAll('.jp-Dialog')].map((box) => box.innerText);
}

/** Whether all Markdown is drawn and its formulas no longer change; a dialog ends the wait. */
function rendered(cells) {
  if (dialogs().length) return true;
  const formulas = document.querySelectorAll('mjx-container').length;
  const before = window.formulasBefore;
  window.formulasBefore = formulas;
  return texts().length >= cells && formulas === before && !raw('$').length;
}

/** Whether there is a kernel and it has nothing to do; a dialog ends the wait. */
function idle() {
  const shown = document.querySelector('.jp-Notebook-ExecutionIndicator');
  return dialogs().length > 0 || shown?.dataset.status === 'idle';
}

/** Whether a code cell has run, by its number and what then stands before it. */
function ran(number, prompt) {
  if (dialogs().length) return true;
  const cell = document.querySelectorAll('.jp-Notebook .jp-CodeCell')[number];
  return idle() && cell.querySelector('.jp-InputPrompt').innerText.trim() === prompt;
}

/** Lines of Markdown, formulas and code left out, that hold a piece of text. */
function raw(piece) {
  return texts().flatMap((text) => {
    const copy = text.cloneNode(true);
    for (const part of copy.querySelectorAll('mjx-container, code, pre')) part.remove();
    return copy.textContent.split('\n').filter((line) => line.includes(piece));
  });
}

const prose = () => texts().map((text) => text.innerText);

/** Formulas that are an error, or show a macro nobody knows in red. */
function formulas() {
  const wrong = '.jp-Notebook mjx-merror, .jp-Notebook [data-mjx-error], ' +
    '.jp-Notebook mjx-mtext[style*="red"]';
  return [...document.querySelectorAll(wrong)].map((part) => part.closest('mjx-container').outerHTML);
}

const colours = () => [...document.querySelectorAll('.jp-MarkdownOutput mjx-mstyle[style*="color"]')]
  .map((part) => getComputedStyle(part).color);

/** Errors below the cells that ran. A warning is none: digits that stand in for MNIST warn. */
function complaints() {
  const kind = '[data-mime-type="application/vnd.jupyter.error"]';
  return [...document.querySelectorAll(`.jp-Notebook .jp-OutputArea ${kind}`)]
    .map((output) => output.innerText);
}

/** Pictures of this notebook that did not load; those of the site need a network. */
function pictures() {
  return texts().flatMap((text) => [...text.querySelectorAll('img')])
    .filter((image) => !image.src.startsWith('https:') && !image.naturalWidth)
    .map((image) => `${image.alt}: ${image.src.slice(0, 80)}`);
}

/** Links inside the notebook that lead to no place in it. */
function anchors() {
  const named = (node) => [node.id, node.dataset.jupyterId];
  const places = new Set([...document.querySelectorAll('.jp-Notebook *')].flatMap(named));
  return texts().flatMap((text) => [...text.querySelectorAll('a[href^="#"]')])
    .map((link) => decodeURIComponent(link.getAttribute('href').slice(1)))
    .filter((name) => !places.has(name));
}
