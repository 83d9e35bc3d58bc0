/* Sinkhorn's iterations on logarithms, for n sources and n targets of equal mass, as
   diffusionbook.transport.optimal.log_domain has them. */
DiffusionPart("DiffusionTransport", function (T) {
  "use strict";

  const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

  /* The prices of one side that give each of its points its mass, into `found`. What i on this side
     and j on the other cost stands at i * out + j * back. */
  function halfStep(cost, n, price, epsilon, [out, back], found) {
    const exponents = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let largest = -Infinity, sum = 0;
      for (let j = 0; j < n; j++) {
        exponents[j] = (price[j] - cost[i * out + j * back]) / epsilon;
        if (exponents[j] > largest) { largest = exponents[j]; }
      }
      for (let j = 0; j < n; j++) { sum += Math.exp(exponents[j] - largest); }
      found[i] = -epsilon * (largest + Math.log(sum / n));
    }
    return found;
  }

  function cooling(epsilon, cost) {
    const heats = [];
    let heat = (Math.max(...cost) - Math.min(...cost)) / 2;
    for (; heat > epsilon; heat /= 2) { heats.push(heat); }
    return [...heats, epsilon];
  }

  /* The plan with the least cost + epsilon KL, row by row, with its value (that of the dual), its
     cost without the second term, how far its rows are from their masses in all, and how many
     iterations it took. It stops when that is below `tolerance`, and throws after `most` iterations
     at epsilon: it hands out no unfinished plan. `rest` is awaited between iterations; where it
     answers true, the computation is no longer wanted, and null comes back. */
  T.sinkhorn = async function (cost, epsilon, { tolerance = 1e-5, most = 20000, rest } = {}) {
    const n = Math.sqrt(cost.length), g = new Float64Array(n), rows = [n, 1], columns = [1, n];
    let f = new Float64Array(n), better = new Float64Array(n), iterations = 0, error = Infinity;
    for (const heat of cooling(epsilon, cost)) {
      const last = heat === epsilon, enough = last ? tolerance : Math.max(tolerance, 1e-3);
      halfStep(cost, n, g, heat, rows, f);
      for (let k = 0; k < (last ? most : 100); k++) {
        halfStep(cost, n, f, heat, columns, g);
        halfStep(cost, n, g, heat, rows, better);
        iterations += 1;
        error = mean(f.map((price, i) => Math.abs(Math.expm1((price - better[i]) / heat))));
        if (error < enough) { break; }
        [f, better] = [better, f];
        if (rest && await rest()) { return null; }
      }
    }
    if (!(error < tolerance)) {
      const off = error.toExponential(1);
      throw new RangeError(`after ${most} iterations its rows are off by ${off}`);
    }
    const plan = cost.map((c, k) =>
      Math.exp((f[Math.floor(k / n)] + g[k % n] - c) / epsilon) / (n * n));
    return { plan, error, iterations, value: mean(f) + mean(g),
             cost: plan.reduce((sum, mass, k) => sum + mass * cost[k], 0) };
  };
});
