/* The exact density of noisy points, and the raster of places where a density is asked. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  L.REACH = 3;  // the plane is shown from -3 to 3 in both directions

  /* The middles of side x side cells of the plane, x and y in turn: row by row, highest y first. */
  L.raster = function (side) {
    const places = new Float64Array(2 * side * side);
    const at = (k) => L.REACH * ((2 * k + 1) / side - 1);
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        places[2 * (row * side + column)] = at(column);
        places[2 * (row * side + column) + 1] = -at(row);
      }
    }
    return places;
  };

  /* A component seen through alpha and sigma: x_t is Gaussian with mean a and covariance C. As a
     function of the point: log of weight times density; and what lines.js needs of it. */
  L.seen = function ([weight, mx, my, sxx, sxy, syy], { alpha, sigma }) {
    const cxx = alpha * alpha * sxx + sigma * sigma, cxy = alpha * alpha * sxy;
    const cyy = alpha * alpha * syy + sigma * sigma, det = cxx * cyy - cxy * cxy;
    const pxx = cyy / det, pxy = -cxy / det, pyy = cxx / det;  // C⁻¹
    const constant = Math.log(weight) - Math.log(2 * Math.PI) - Math.log(det) / 2;
    function log(x, y) {
      const dx = x - alpha * mx, dy = y - alpha * my;
      return constant - (pxx * dx * dx + 2 * pxy * dx * dy + pyy * dy * dy) / 2;
    }
    return { pxx, pxy, pyy, log };
  };

  L.components = function (law, label) {
    const table = law.table(label);
    return Array.from({ length: table.length / 6 }, (_, k) => table.subarray(6 * k, 6 * k + 6));
  };

  /* The log density of x_t at points x and y in turn, in nats. */
  L.logDensity = function (law, path, t, x, label = -1) {
    const seen = L.components(law, label).map((component) => L.seen(component, path(t)));
    const found = new Float64Array(x.length / 2), logs = new Float64Array(seen.length);
    for (let i = 0; i < found.length; i++) {
      let largest = -Infinity, sum = 0;
      for (let k = 0; k < seen.length; k++) {
        logs[k] = seen[k].log(x[2 * i], x[2 * i + 1]);
        if (logs[k] > largest) { largest = logs[k]; }
      }
      for (let k = 0; k < seen.length; k++) { sum += Math.exp(logs[k] - largest); }
      found[i] = largest + Math.log(sum);
    }
    return found;
  };
});
