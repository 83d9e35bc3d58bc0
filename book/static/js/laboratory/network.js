/* A network of points in the plane: diffusionbook.nets.mlp.MLP with 10 waves of each coordinate,
   14 of the time, and, for a law with labels, an input for each of them and one for "no label". */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  const POINT = 5, TIME = 7;  // octaves: sines and cosines of 1, 2, 4, ... times the number
  const WAVES = 2 + 4 * POINT + 2 * TIME, OUT = 8;  // two of the outputs are used

  /* Sines and cosines of `octaves` doubled angles into `to`: sin 2a = 2 sin a cos a. */
  function waves(to, at, angle, octaves) {
    let sine = Math.sin(angle), cosine = Math.cos(angle);
    for (let k = 0; k < octaves; k++) {
      to[at + k] = sine;
      to[at + octaves + k] = cosine;
      const doubled = 2 * sine * cosine;
      cosine = 1 - 2 * sine * sine;
      sine = doubled;
    }
  }

  /* Uniform in ± 1 / sqrt(inputs), as PyTorch begins. used: how many inputs and outputs are not
     there to fill a row; the numbers of the others stay 0. */
  function begin(machine, used, seed) {
    const uniform = DiffusionShared.uniforms(seed);
    machine.layers.forEach(function ({ I, O, weights, bias }, i) {
      const inputs = used[i], outputs = used[i + 1], bound = 1 / Math.sqrt(inputs);
      for (let k = 0; k <= I; k++) {
        if (k >= inputs && k < I) { continue; }
        const row = k < I ? weights / 4 + k * O : bias / 4;
        for (let j = 0; j < outputs; j++) {
          machine.numbers[row + j] = bound * (2 * uniform() - 1);
        }
      }
    });
  }

  function fill(own, numbers) {
    if (numbers.length !== own.length) {
      L.refuse("numbers", numbers.length, `as many as the network has, ${own.length}`);
    }
    own.set(numbers);
  }

  /* labels: how many there are, told as 0, 1, ...; -1 tells none. seed: of the first numbers.
     numbers: use these instead. */
  L.network = function ({ width = 64, depth = 3, labels = 0, seed = 0, numbers } = {}) {
    L.whole("width", width, 8, 512);
    if (width % 8) { L.refuse("width", width, "a multiple of 8"); }
    L.whole("depth", depth, 1, 8);
    L.whole("labels", labels, 0, 64);
    const inputs = WAVES + (labels && labels + 1), padded = (inputs + 3) & ~3;
    const used = [inputs, ...Array(depth).fill(width), 2];
    const machine = L.machine([padded, ...used.slice(1, -1), OUT]);
    if (numbers) { fill(machine.numbers, numbers); } else { begin(machine, used, seed); }
    machine.averaged.set(machine.numbers);

    /* What the network is told of one point, as row r of the machine's block. */
    function tell(r, x, y, t, label) {
      const to = machine.input, row = r * padded;
      to[row] = x;
      to[row + 1] = y;
      waves(to, row + 2, x, POINT);
      waves(to, row + 2 + 2 * POINT, y, POINT);
      waves(to, row + 2 + 4 * POINT, t, TIME);
      for (let k = 0; k <= labels && labels; k++) {
        to[row + WAVES + k] = k === (label < 0 ? labels : label) ? 1 : 0;
      }
    }

    /* The network's own two numbers for each point, at one time. */
    function answer(points, t, label, numbers) {
      const found = new Float64Array(points.length), n = points.length / 2;
      fill(machine.asked, numbers);
      for (let start = 0; start < n; start += machine.BLOCK) {
        const here = Math.min(machine.BLOCK, n - start);
        for (let r = 0; r < here; r++) {
          const i = 2 * (start + r);
          tell(r, points[i], points[i + 1], t, label);
        }
        machine.forward("asked");
        for (let r = 0; r < here; r++) {
          found[2 * (start + r)] = machine.output[r * OUT];
          found[2 * (start + r) + 1] = machine.output[r * OUT + 1];
        }
      }
      return found;
    }

    /* A model as the explorer's, of what the network answers to the row (target.js). */
    function model(path, row, label = -1, numbers = machine.numbers) {
      const { row: pair, guess, unit, latest } = L.target(path, row);
      L.whole("label", label, -1, Math.max(labels - 1, -1));
      function predict(x, t) {
        const at = Math.min(t, latest), c = path(at), [p, q] = pair(c);
        const along = guess(c), scale = unit(c);
        const y = answer(x, at, label, numbers), d = c.alpha * q - c.sigma * p;
        const x0 = new Float64Array(x.length), eps = new Float64Array(x.length);
        for (let i = 0; i < x.length; i++) {
          const told = along * x[i] + scale * y[i];
          x0[i] = (q * x[i] - c.sigma * told) / d;
          eps[i] = (c.alpha * told - p * x[i]) / d;
        }
        return { x0, eps };
      }
      return { path, predict };
    }

    return { width, depth, labels, machine, tell, model, OUT,
             get numbers() { return machine.numbers; } };
  };
});
