/* What no network can beat: the exact mean of x0 given a noisy point, one point at a time, each
   with a time of its own, as in a batch. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";

  /* table: weight, mean x, y, covariance xx, xy, yy of each component. Returns a function that
     writes E[x0 | x_t = (x, y)] into `to`. */
  L.posteriorMean = function (table) {
    const many = table.length / 6, logs = new Float64Array(many);
    const ends = new Float64Array(2 * many), weights = new Float64Array(many);
    for (let k = 0; k < many; k++) { weights[k] = Math.log(table[6 * k]); }

    return function (x, y, alpha, sigma, to) {
      const square = alpha * alpha, noise = sigma * sigma;
      let largest = -Infinity, total = 0, sumX = 0, sumY = 0;
      for (let k = 0, i = 0; k < many; k++, i += 6) {
        const sxx = table[i + 3], sxy = table[i + 4], syy = table[i + 5];
        const a = square * sxx + noise, b = square * sxy, c = square * syy + noise;
        const det = a * c - b * b, dx = x - alpha * table[i + 1], dy = y - alpha * table[i + 2];
        const u = (c * dx - b * dy) / det, v = (a * dy - b * dx) / det;
        ends[2 * k] = table[i + 1] + alpha * (sxx * u + sxy * v);
        ends[2 * k + 1] = table[i + 2] + alpha * (sxy * u + syy * v);
        logs[k] = weights[k] - (Math.log(det) + dx * u + dy * v) / 2;
        if (logs[k] > largest) { largest = logs[k]; }
      }
      for (let k = 0; k < many; k++) {
        if (logs[k] < largest - 40) { continue; }  // less than 1e-17 of the largest
        const share = Math.exp(logs[k] - largest);
        total += share;
        sumX += share * ends[2 * k];
        sumY += share * ends[2 * k + 1];
      }
      to[0] = sumX / total;
      to[1] = sumY / total;
    };
  };
});
