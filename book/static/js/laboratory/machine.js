/* The layers of a network, forwards and backwards, for a block of points at a time. All its numbers
   lie in one memory, so that WebAssembly (kernel.js) and plain JavaScript (plain.js) are two ways
   of the same arithmetic. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  const BLOCK = 32;  // points that go through all layers together, so that they stay in the cache

  /* sizes: of all layers, input and output included; the input's a multiple of 4, the others' of 8.
     A layer's numbers are its weights, a row for each number that comes in, and a row of biases. */
  L.machine = function (sizes) {
    let end = 0;
    const place = (count) => { const at = end; end += 4 * ((count + 3) & ~3); return at; };
    const last = sizes.length - 1;
    const counts = sizes.slice(1).map((size, i) => (sizes[i] + 1) * size);
    const count = counts.reduce((a, b) => a + b), at = {};
    for (const name of ["numbers", "averaged", "asked", "gradient", "first", "second"]) {
      at[name] = place(count);
    }
    let before = 0;
    const layers = counts.map(function (many, i) {
      const weights = before;
      before += 4 * many;
      return { I: sizes[i], O: sizes[i + 1], weights, bias: weights + 4 * sizes[i] * sizes[i + 1],
               turned: place(many), slope: place(BLOCK * sizes[i + 1]) };
    });
    const values = sizes.map((size) => place(BLOCK * size));
    const errors = sizes.map((size) => place(BLOCK * size)), zeros = place(Math.max(...sizes));
    const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) });
    const run = L.simdOperations(memory) || L.plainOperations(memory);
    const view = (start, length) => new Float32Array(memory.buffer, start, length);
    let steps = 0;

    /* The block's answers for what stands in `input`, by the numbers of that name. */
    function forward(from = "numbers") {
      layers.forEach(function ({ I, O, weights, bias, slope }, i) {
        const row = 4 * O, own = at[from];
        run.product(values[i + 1], row, own + bias, 0, values[i], 4 * I, 4,
                    own + weights, row, BLOCK, O, I);
        if (i < last - 1) { run.silu(values[i + 1], slope, BLOCK * O); }
      });
    }

    /* Get ready for the blocks of one batch: the weights as the way back reads them. */
    function turn() {
      for (const { I, O, weights, turned } of layers.slice(1)) {
        run.transpose(turned, at.numbers + weights, I, O);
      }
    }

    /* Add to the gradient what the block's `error` (of the loss, by each output) makes of it. */
    function backward() {
      for (let i = last - 1; i >= 0; i--) {
        const { I, O, weights, bias, turned } = layers[i], own = at.gradient + weights;
        const error = errors[i + 1];
        run.product(own, 4 * O, own, 4 * O, values[i], 4, 4 * I, error, 4 * O, I, O, BLOCK);
        run.addRows(at.gradient + bias, error, BLOCK, O);
        if (i > 0) {
          run.product(errors[i], 4 * I, zeros, 0, error, 4 * O, 4, turned, 4 * I, BLOCK, I, O);
          run.multiply(errors[i], layers[i - 1].slope, BLOCK * I);
        }
      }
    }

    /* A step of Adam with the gradient, which is 0 afterwards; `averaged` follows the numbers. */
    function adam({ rate, beta1 = 0.9, beta2 = 0.999, decay = 0 }) {
      steps += 1;
      const corrected = rate / (1 - beta1 ** steps), root = 1 / Math.sqrt(1 - beta2 ** steps);
      run.adam(at.numbers, at.gradient, at.first, at.second, at.averaged, count,
               corrected, root, beta1, beta2, 1 - decay);
    }

    return {
      BLOCK, sizes, layers, forward, turn, backward, adam,
      numbers: view(at.numbers, count), averaged: view(at.averaged, count),
      asked: view(at.asked, count), gradient: view(at.gradient, count),
      input: view(values[0], BLOCK * sizes[0]), output: view(values[last], BLOCK * sizes[last]),
      error: view(errors[last], BLOCK * sizes[last]),
    };
  };
});
