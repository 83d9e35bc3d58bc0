/* A laboratory to pass on: its state as an address, as a file, and its law as a cell of a notebook.
   A state is { preset or components, path, row, sampler, steps, label, w, seed, see }, of which
   all but the first may be absent. It needs no document. */
(function (L) {
  "use strict";
  const SEEN = ["particles", "tracks", "arrows", "density", "data", "lines", "error"];
  const FORMAT = "diffusion-laboratory", VERSION = 1;
  const WIDE = 10;  // no mean of a law that is passed on is farther out, and no std larger

  function see(name, value) {
    if (!Array.isArray(value)) { L.refuse(name, value, "a list"); }
    return [...new Set(value.map((one) => L.oneOf(name, one, SEEN)))];
  }
  function components(name, value) {
    if (Array.isArray(value) && !value.length) { return []; }  // nothing is drawn yet
    return L.law(value).components.map(function (component, k) {
      for (const x of component.slice(1, 3)) { L.number(`component ${k}: mean`, x, -WIDE, WIDE); }
      for (const s of component.slice(3, 6)) {
        L.number(`component ${k}: covariance`, s, -(WIDE ** 2), WIDE ** 2);
      }
      return component;
    });
  }
  const choice = (choices) => (name, value) => L.oneOf(name, value, choices());
  const CHECKS = {
    preset: choice(() => Object.keys(L.presets)),
    components,
    path: choice(() => Object.keys(L.PATHS)),
    row: choice(() => ["velocity", "eps", "x0"]),
    sampler: choice(() => Object.keys(DiffusionExplorer.samplers)),
    steps: (name, value) => L.whole(name, value, 1, 50),
    label: (name, value) => L.whole(name, value, -1, L.LABELS.length - 1),
    w: (name, value) => L.number(name, value, 0, 5),
    seed: (name, value) => L.whole(name, value, 1, 9999),
    see,
  };

  /* The parts of a state that are there, each checked; what else there is is left out. */
  function checked(given) {
    const own = (name) => Object.hasOwn(given, name) && given[name] !== undefined;
    if (own("preset") === own("components")) {
      L.refuse("the law", Object.keys(given), "either a preset or components");
    }
    return Object.fromEntries(Object.keys(CHECKS).filter(own)
      .map((name) => [name, CHECKS[name](name, given[name])]));
  }

  /* In an address a component is numbers with _ between them, and between components stands ~.
     Means have four decimals and the other numbers eight digits, which no eye tells apart. A round
     component of weight 1 is short: x, y, variance, label. */
  const digits = (value) => Number(value.toPrecision(8));
  function brief([weight, x, y, xx, xy, yy, label]) {
    const place = [x, y].map((value) => Number(value.toFixed(4)));
    const round = weight === 1 && xx === yy && xy === 0;
    const numbers = round ? [...place, digits(xx), label]
      : [digits(weight), ...place, ...[xx, xy, yy].map(digits), label];
    return numbers.join("_");
  }
  function full(text) {
    const numbers = text.split("_").map((word) => word === "" ? NaN : Number(word));
    if (numbers.length !== 4) { return numbers; }
    const [x, y, variance, label] = numbers;
    return [1, x, y, variance, 0, variance, label];
  }
  const list = (text, separator) => text === "" ? [] : text.split(separator);
  const WRITTEN = { components: (value) => value.map(brief).join("~"),
                    see: (value) => value.join(".") };
  const READ = { components: (text) => list(text, "~").map(full), see: (text) => list(text, ".") };
  for (const name of ["steps", "label", "w", "seed"]) {
    READ[name] = (text) => text.trim() === "" ? NaN : Number(text);
  }

  /* A state as the hash of an address, without the #. */
  L.encode = (state) => Object.keys(CHECKS).filter((name) => state[name] !== undefined)
    .map((name) => `${name}=${WRITTEN[name] ? WRITTEN[name](state[name]) : state[name]}`).join("&");

  /* The state of a hash; null of any that holds none. */
  L.decode = function (text) {
    try {
      const given = {};
      for (const pair of decodeURIComponent(text).split("&")) {
        const [name, ...rest] = pair.split("="), value = rest.join("=");
        if (Object.hasOwn(CHECKS, name)) { given[name] = READ[name] ? READ[name](value) : value; }
      }
      return checked(given);
    } catch {
      return null;
    }
  };

  /* A state as the text of a file, with every digit. */
  L.file = function (state) {
    const { components, ...rest } = state;
    const rows = components && components.map((row) => `  ${JSON.stringify(row)}`).join(",\n");
    const lines = [[FORMAT, VERSION], ...Object.entries(rest)].map(([name, value]) =>
      `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
    if (components) { lines.push(`"components": [${rows && `\n${rows}`}]`); }
    return `{${lines.join(",\n")}}\n`;
  };

  L.opened = function (text) {
    let given = null;
    try {
      given = JSON.parse(text);
    } catch {
      L.refuse("the file", text, "JSON, as the laboratory saves it");
    }
    if (given === null || typeof given !== "object" || given[FORMAT] !== VERSION) {
      L.refuse("the file", given, `a laboratory, with "${FORMAT}": ${VERSION}`);
    }
    return checked(given);
  };

  /* Python that builds the same law with the book's package and draws from it. */
  L.cell = function (law) {
    const rows = law.components.map((row) => `    [${row.join(", ")}],`).join("\n");
    return `import torch

from diffusionbook.exact import GaussianMixture
from diffusionbook.randomness import seeded

# one Gaussian a row: weight, mean x and y, covariance xx, xy and yy, label
rows = torch.tensor([
${rows}
], dtype=torch.float64)
law = GaussianMixture(
    rows[:, 0], rows[:, 1:3], rows[:, [3, 4, 4, 5]].reshape(-1, 2, 2), rows[:, 6].long()
)
points, labels = law.sample_labelled(1000, seeded(1))
`;
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
