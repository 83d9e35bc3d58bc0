/* Training by the denoising loss, one step after another without an end: fresh points of the law in
   every batch, Adam, and an average of the numbers along the way, which is the one to be used. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  const MEASURED = 32;  // each 32nd batch is compared with the exact answer: that costs some steps

  /* The average of the latest quarter of all values, and never of more than 50 of them. */
  function average() {
    let value = 0, many = 0;
    return {
      add(x) { many += 1; value += (x - value) / Math.min(Math.ceil(many / 4), 50); },
      get value() { return many ? value : NaN; },
    };
  }

  /* path: t → coefficients; row: "velocity", "eps" or "x0"; batch: points in each, a multiple of
     the block's; lr: of the first steps; drop: the share of labels that is not told, if the network
     knows labels. Loss and floor are mean squared errors of the row, in the unit and with the
     weights of target.js, over the same batches: the floor is what the exact answer loses there. */
  L.trainer = function (net, law, { path, row, batch = 128, lr = 6e-3, seed = 0, drop = 0.15 }) {
    const { machine, OUT } = net, block = machine.BLOCK;
    L.whole("batch", batch, block, 4096);
    if (batch % block) { L.refuse("batch", batch, `a multiple of ${block}`); }
    L.number("lr", lr, 0, 1);
    L.number("drop", drop, 0, 1);
    const batches = L.batches(law, { path, row, size: batch, labels: net.labels, drop, seed });
    const losses = average(), floors = average();
    let step = 0, seconds = 0;

    /* The loss of a batch; its gradient is added to the machine's. */
    function gradient({ size, x, t, label, wanted, weight }) {
      const { error, output } = machine;
      let lost = 0;
      machine.turn();
      for (let start = 0; start < size; start += block) {
        for (let r = 0, i = start; r < block; r++, i++) {
          net.tell(r, x[2 * i], x[2 * i + 1], t[i], label[i]);
        }
        machine.forward();
        for (let r = 0, i = start; r < block; r++, i++) {
          const dx = output[r * OUT] - wanted[2 * i], dy = output[r * OUT + 1] - wanted[2 * i + 1];
          lost += weight[i] * (dx * dx + dy * dy);
          error[r * OUT] = weight[i] * dx / size;
          error[r * OUT + 1] = weight[i] * dy / size;
        }
        machine.backward();
      }
      return lost / (2 * size);
    }

    /* Rises for 100 steps and then falls slowly, for nobody knows when training ends. */
    const rate = () => lr * Math.min(1, (step + 1) / 100) / Math.sqrt(1 + step / 2000);

    function once() {
      const loss = gradient(batches.next());
      if (step % MEASURED === 0) {
        losses.add(loss);
        floors.add(batches.floor());
      }
      machine.adam({ rate: rate(), decay: Math.min(0.998, step / (step + 8)) });
      step += 1;
      return loss;
    }

    /* Steps for so many milliseconds. seconds: of training, in all; loss, floor: averaged alike. */
    function run(milliseconds) {
      const began = performance.now();
      do { once(); } while (performance.now() - began < milliseconds);
      seconds += (performance.now() - began) / 1000;
      return { step, seconds, loss: losses.value, floor: floors.value };
    }

    return {
      step: once, run, gradient, batches, averaged: machine.averaged,
      model: (label = -1, numbers = machine.averaged) => net.model(path, row, label, numbers),
    };
  };
});
