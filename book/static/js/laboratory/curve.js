/* A small chart: lines with their names and last values at their ends. */
(function (L) {
  "use strict";
  const WIDTH = 340, HEIGHT = 116, LEFT = 6, RIGHT = 118, TOP = 12, BOTTOM = 18, APART = 13;
  const SPACE = "http://www.w3.org/2000/svg";
  const MOST = 300;  // points of a line

  function draw(tag, attributes, text = "") {
    const node = document.createElementNS(SPACE, tag);
    for (const [name, value] of Object.entries(attributes)) { node.setAttribute(name, value); }
    node.textContent = text;
    return node;
  }

  /* Every so many-th point and the last one. */
  function thinned(points) {
    const every = Math.ceil(points.length / MOST);
    return points.filter((_, k) => k % every === 0 || k === points.length - 1);
  }

  /* Places of names as near to the ends as they can be without lying on each other. */
  function apart(heights) {
    const order = heights.map((_, k) => k).sort((a, b) => heights[a] - heights[b]);
    const placed = [...heights];
    order.forEach(function (k, i) {
      if (i) { placed[k] = Math.max(placed[k], placed[order[i - 1]] + APART); }
    });
    const over = Math.max(0, Math.max(...placed) - (HEIGHT - BOTTOM));
    return placed.map((height) => height - over);
  }

  /* name: of the chart; axis: what runs along it; log: whether heights are logarithms, of which the
     first tenth does not count. */
  L.chart = function (name, axis, log = false) {
    const start = (from, to) => (log ? from + (to - from) / 10 : from);
    const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
                              class: "laboratory-chart", "aria-label": `${name}: nothing yet` });

    /* lines: [{ name, kind, points: [[x, y] …], dashed }]; from, to: the ends of the axis;
       marked: an x with a line through the chart, or null. */
    function show(lines, from, to, marked = null) {
      const filled = lines.filter((line) => line.points.length);
      svg.replaceChildren();
      svg.toggleAttribute("hidden", !filled.length);
      svg.setAttribute("aria-label", `${name}: nothing yet`);
      if (!filled.length) { return; }
      const scale = log ? (y) => Math.log(Math.max(y, 1e-6)) : (y) => y;
      const after = start(from, to);  // a steep beginning may leave the chart at its top
      const heights = filled.flatMap((line) => line.points.filter(([x]) => x >= after)
        .map(([, y]) => scale(y)));
      const least = log ? Math.min(...heights) : 0, most = Math.max(...heights);
      const right = WIDTH - RIGHT, low = HEIGHT - BOTTOM;
      const px = (x) => LEFT + (x - from) / (to - from || 1) * (right - LEFT);
      const share = (y) => (scale(y) - least) / (most - least || 1);
      const py = (y) => Math.min(low, Math.max(2, low - share(y) * (low - TOP)));
      svg.append(draw("line", { x1: LEFT, x2: right, y1: low, y2: low, class: "axis" }),
        draw("text", { x: LEFT, y: HEIGHT - 4 }, axis(from)),
        draw("text", { x: right, y: HEIGHT - 4, "text-anchor": "end" }, axis(to)));
      if (marked !== null) {
        svg.append(draw("line", { x1: px(marked), x2: px(marked), y1: TOP, y2: low,
                                  class: "axis" }));
      }
      const ends = filled.map((line) => line.points[line.points.length - 1]);
      const labels = apart(ends.map(([, y]) => py(y)));
      filled.forEach(function (line, k) {
        const points = thinned(line.points).map(([x, y]) =>
          `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(" ");
        svg.append(draw("polyline", { points, class: line.kind,
                                      ...(line.dashed ? { "stroke-dasharray": "4 3" } : {}) }),
          draw("text", { x: px(ends[k][0]) + 5, y: labels[k] + 4, class: line.kind },
            `${line.name} ${ends[k][1].toFixed(3)}`));
      });
      svg.setAttribute("aria-label", `${name}: ${filled.map((line, k) =>
        `${line.name} ${ends[k][1].toFixed(3)}`).join(", ")}`);
    }
    return { svg, show };
  };
})(globalThis.DiffusionLaboratory = globalThis.DiffusionLaboratory || {});
