/* A trained network: waves of the point and of the time, then layers of SiLU units.
   The JavaScript of diffusionbook.nets.mlp, for many points at one time. */
(function (E) {
  "use strict";
  const BLOCK = 64;  // points that go through all layers together, so that they stay in the cache

  function bytes(text) {
    return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  }

  E.float64s = function (text) {
    return new Float64Array(bytes(text).buffer);
  };

  /* Half-precision numbers: sign, five bits of exponent, ten of fraction. */
  E.halves = function (text) {
    return Float32Array.from(new Uint16Array(bytes(text).buffer), function (h) {
      const sign = h & 0x8000 ? -1 : 1, exponent = (h >> 10) & 31, fraction = h & 1023;
      if (exponent === 0) { return sign * fraction * 2 ** -24; }
      return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
    });
  };

  /* Y = X W' + b for n rows, two rows and four columns at once: each number read is used often. */
  function dense(layer, X, n, Y) {
    const { W, b, I, O } = layer, whole = O - O % 4;
    for (let r = 0; r < n; r += 2) {
      const u = r * I, v = u + I;
      for (let j = 0; j < whole; j += 4) {
        const w0 = j * I, w1 = w0 + I, w2 = w1 + I, w3 = w2 + I;
        let a0 = b[j], a1 = b[j + 1], a2 = b[j + 2], a3 = b[j + 3], c0 = a0, c1 = a1, c2 = a2, c3 = a3;
        for (let k = 0; k < I; k++) {
          const x = X[u + k], z = X[v + k];
          const p = W[w0 + k], q = W[w1 + k], s = W[w2 + k], t = W[w3 + k];
          a0 += p * x; a1 += q * x; a2 += s * x; a3 += t * x;
          c0 += p * z; c1 += q * z; c2 += s * z; c3 += t * z;
        }
        const y = r * O + j, z = y + O;
        Y[y] = a0; Y[y + 1] = a1; Y[y + 2] = a2; Y[y + 3] = a3;
        Y[z] = c0; Y[z + 1] = c1; Y[z + 2] = c2; Y[z + 3] = c3;
      }
      for (let j = whole; j < O; j++) {
        let a = b[j], c = a;
        for (let k = 0; k < I; k++) { a += W[j * I + k] * X[u + k]; c += W[j * I + k] * X[v + k]; }
        Y[r * O + j] = a; Y[r * O + O + j] = c;
      }
    }
  }

  function silu(Y, length) {
    for (let i = 0; i < length; i++) { Y[i] /= 1 + Math.exp(-Y[i]); }
  }

  /* The layers from one list of numbers: for each, its weights row by row, then its biases. */
  function unpack(sizes, numbers) {
    let at = 0;
    const take = (count) => numbers.subarray(at, at += count);
    return sizes.slice(1).map((O, i) => ({ I: sizes[i], O, W: take(sizes[i] * O), b: take(O) }));
  }

  /* The first layer for points at one time: the time's waves are the same for all of them, so
     their part of the sum is added to the bias once. */
  function atTime(first, points, frequencies, t) {
    const half = frequencies.length, W = new Float32Array(points * first.O), b = Float64Array.from(first.b);
    for (let j = 0; j < first.O; j++) {
      const row = j * first.I;
      W.set(first.W.subarray(row, row + points), j * points);
      for (let i = 0; i < half; i++) {
        const angle = t * frequencies[i];
        b[j] += first.W[row + points + i] * Math.sin(angle)
              + first.W[row + points + half + i] * Math.cos(angle);
      }
    }
    return { I: points, O: first.O, W, b };
  }

  /* A function (x, t) → what the network returns, both as x and y in turn.
     sizes: of all layers, input and output included; point, time: frequencies of the waves;
     numbers: all weights and biases. */
  E.network = function (sizes, point, time, numbers) {
    const [first, ...others] = unpack(sizes, numbers), half = point.length, seen = 2 + 4 * half;
    const input = new Float32Array(BLOCK * seen);
    const outputs = sizes.slice(1).map((size) => new Float32Array(BLOCK * size));

    return function (x, t) {
      const layers = [atTime(first, seen, time, t), ...others], y = new Float64Array(x.length);
      for (let start = 0; start < x.length; start += 2 * BLOCK) {
        const n = Math.min(BLOCK, (x.length - start) / 2);
        for (let i = 0; i < 2 * n; i++) {
          const value = x[start + i], row = (i >> 1) * seen, waves = row + 2 + (i & 1) * 2 * half;
          input[row + (i & 1)] = value;
          for (let k = 0; k < half; k++) {
            const angle = value * point[k];
            input[waves + k] = Math.sin(angle);
            input[waves + half + k] = Math.cos(angle);
          }
        }
        let values = input;
        layers.forEach(function (layer, i) {
          dense(layer, values, n, outputs[i]);
          values = outputs[i];
          if (i < layers.length - 1) { silu(values, n * layer.O); }
        });
        y.set(values.subarray(0, 2 * n), start);
      }
      return y;
    };
  };
})(globalThis.DiffusionExplorer = globalThis.DiffusionExplorer || {});
