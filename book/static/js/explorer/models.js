/* Models made of what `python -m diffusionbook export explorer` wrote into E.data. A model has its
   path and predict(x, t) → { x0, eps }, for points x and y in turn. */
(function (E) {
  "use strict";
  E.data = E.data || {};  // the scripts of the data sets fill it

  /* The trained network of a data set ("moons") and a method ("flow"). */
  E.learned = function (name, method) {
    const { sizes, point, time, methods } = E.data[name], about = methods[method];
    const network = E.network(sizes, point, time, E.halves(about.weights));
    const path = E.path(about.path);
    return { path, predict: (x, t) => E.solve(about.row, path(t), x, network(x, t)) };
  };

  /* The exact model on the same path; null where the data set is no mixture. */
  E.exact = function (name, method) {
    const { mixture, methods } = E.data[name];
    return mixture && E.mixture(E.float64s(mixture), E.path(methods[method].path));
  };

  /* n points of noise. */
  E.cloud = function (n, normal) {
    return Float64Array.from({ length: 2 * n }, normal);
  };

  /* Some points of the data set. */
  E.points = function (name) {
    return E.halves(E.data[name].points);
  };
})(globalThis.DiffusionExplorer = globalThis.DiffusionExplorer || {});
