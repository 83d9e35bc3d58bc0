/* The cheapest pairs, exactly: Hungarian method by shortest augmenting paths. */
DiffusionPart("DiffusionTransport", function (T) {
  "use strict";

  /* All squared distances between n points and n others: row i holds those of source i. */
  T.squares = function (x, y) {
    const n = x.length / 2, cost = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        cost[i * n + j] = (x[2 * i] - y[2 * j]) ** 2 + (x[2 * i + 1] - y[2 * j + 1]) ** 2;
      }
    }
    return cost;
  };

  /* The target of each source. Sources enter one by one. A newcomer looks for the free target at
     the end of the cheapest path that alternates between targets and the sources that hold them,
     at costs less prices, which stay at least 0; along that path all move over. */
  T.assignment = function (cost) {
    const n = Math.sqrt(cost.length), holder = new Int32Array(n).fill(-1);
    const price = { source: new Float64Array(n), target: new Float64Array(n) };
    for (let newcomer = 0; newcomer < n; newcomer++) {
      let target = search(cost, n, newcomer, holder, price);
      while (target.at >= 0) {
        const { at, before } = target, source = target.from[at];
        holder[at] = source;
        target = { at: before[at], before, from: target.from };
      }
    }
    const found = new Int32Array(n);
    holder.forEach((source, j) => { found[source] = j; });
    return found;
  };

  /* Dijkstra's search from one source: the free target it ends at, with the source from which each
     target was reached and the target that this source held before. Prices follow. */
  function search(cost, n, start, holder, price) {
    const far = new Float64Array(n).fill(Infinity), done = new Uint8Array(n);
    const from = new Int32Array(n), before = new Int32Array(n), seen = [[start, 0]];
    let source = start, held = -1, gone = 0;
    for (;;) {
      let next = -1;
      for (let j = 0; j < n; j++) {
        if (done[j]) { continue; }
        const there = gone + cost[source * n + j] - price.source[source] - price.target[j];
        if (there < far[j]) { far[j] = there; from[j] = source; before[j] = held; }
        if (next < 0 || far[j] < far[next]) { next = j; }
      }
      gone = far[next];
      if (holder[next] < 0) {
        seen.forEach(([i, reached]) => { price.source[i] += gone - reached; });
        for (let j = 0; j < n; j++) { if (done[j]) { price.target[j] -= gone - far[j]; } }
        return { at: next, before, from };
      }
      done[next] = 1;
      held = next;
      source = holder[next];
      seen.push([source, gone]);
    }
  }

  /* The same within each `size` neighbours; the last group may be smaller. */
  T.inGroups = function (x, y, size) {
    const n = x.length / 2, found = new Int32Array(n);
    for (let first = 0; first < n; first += size) {
      const part = (points) => points.subarray(2 * first, 2 * Math.min(n, first + size));
      const match = T.assignment(T.squares(part(x), part(y)));
      match.forEach((j, i) => { found[first + i] = first + j; });
    }
    return found;
  };

  /* The mean squared length of pairs. */
  T.paired = function (cost, match) {
    const n = match.length;
    return match.reduce((sum, j, i) => sum + cost[i * n + j], 0) / n;
  };
});
