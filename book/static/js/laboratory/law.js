/* The law that a reader draws: always a Gaussian mixture, so that every exact field is a formula.
   A component is [weight, mean x, mean y, covariance xx, xy, yy, label]. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  L.MOST = 400;  // components
  L.LABELS = ["A", "B", "C"];  // by number

  function checked(component, k) {
    const name = `component ${k}`;
    if (!Array.isArray(component) || component.length !== 7) {
      L.refuse(name, component, "seven numbers: weight, x, y, xx, xy, yy, label");
    }
    const [weight, x, y, xx, xy, yy, label] = component;
    if (!(weight > 0 && weight < Infinity)) {
      L.refuse(`${name}: weight`, weight, "positive and finite");
    }
    L.number(`${name}: mean x`, x);
    L.number(`${name}: mean y`, y);
    const det = xx * yy - xy * xy;  // of what is singular but for rounding, it may be positive
    if (!(xx > 0 && yy > 0 && det > 1e-12 * xx * yy && det < Infinity)) {
      L.refuse(`${name}: covariance`, [xx, xy, yy], "positive definite");
    }
    L.whole(`${name}: label`, label, 0, L.LABELS.length - 1);
    return [...component];
  }

  /* Components of a label, -1 for all: their places in the list and sums of normalised weights. */
  function share(components, label) {
    const which = [...components.keys()].filter((k) => label < 0 || components[k][6] === label);
    const total = which.reduce((sum, k) => sum + components[k][0], 0);
    let sum = 0;
    const sums = Float64Array.from(which, (k) => sum += components[k][0] / total);
    return { which, total, sums };
  }

  /* The first place whose sum exceeds u; the last one where rounding leaves none. */
  function place(sums, u) {
    let low = 0, high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] > u) { high = middle; } else { low = middle + 1; }
    }
    return low;
  }

  L.law = function (given) {
    if (!Array.isArray(given) || !given.length || given.length > L.MOST) {
      L.refuse("components", given && given.length, `a list of 1 to ${L.MOST}`);
    }
    const components = given.map(checked);
    const labels = [...new Set(components.map((component) => component[6]))].sort();
    const shares = new Map([-1, ...labels].map((label) => [label, share(components, label)]));
    for (const { total } of shares.values()) {
      if (total === Infinity) { L.refuse("components: sum of weights", total, "finite"); }
    }
    const roots = components.map(function ([, , , xx, xy, yy]) {  // of each covariance: a triangle
      const l = Math.sqrt(xx), m = xy / l;
      return [l, m, Math.sqrt(yy - m * m)];
    });
    const of = (label) => shares.get(L.oneOf("label", label, [-1, ...labels]));

    /* The components of a label as E.mixture wants them: 6 numbers each, weights that sum to 1. */
    function table(label = -1) {
      const { which, total } = of(label);
      return Float64Array.from(which.flatMap(function (k) {
        const [weight, ...rest] = components[k];
        return [weight / total, ...rest.slice(0, 5)];
      }));
    }

    /* n independent draws: x, x and y in turn, and the label of each. */
    function draw(n, uniform, normal, label = -1) {
      const { which, sums } = of(label), x = new Float64Array(2 * n), y = new Int8Array(n);
      for (let i = 0; i < n; i++) {
        const k = which[place(sums, uniform())], [l, m, root] = roots[k], u = normal();
        x[2 * i] = components[k][1] + l * u;
        x[2 * i + 1] = components[k][2] + m * u + root * normal();
        y[i] = components[k][6];
      }
      return { x, y };
    }

    return { components, labels, table, draw };
  };
});
