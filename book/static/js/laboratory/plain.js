/* The arithmetic of a small network on one memory of 32-bit numbers, in plain JavaScript.
   The same operations as kernel.wat's: where a browser lacks SIMD, these are used. All places are
   offsets in bytes, as in WebAssembly. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";

  L.plainOperations = function (memory) {
    const f = new Float32Array(memory.buffer);

    /* C = S + A B for C of `rows` x `columns`, `inner` products each. S is C itself, or a row that
       is repeated (startRow = 0). A's rows and columns lie aRow and aColumn apart, so it may be
       read as its transpose; rows come four at a time. */
    function product(c, cRow, start, startRow, a, aRow, aColumn, b, bRow, rows, columns, inner) {
      const p = aRow >> 2, q = aColumn >> 2, u = cRow >> 2, v = startRow >> 2, step = bRow >> 2;
      for (let i = 0; i < rows; i += 4) {
        for (let j = 0; j < columns; j += 2) {
          const s = (start >> 2) + i * v + j, t = (c >> 2) + i * u + j;
          let x = (a >> 2) + i * p, y = (b >> 2) + j;
          let c0 = f[s], c1 = f[s + v], c2 = f[s + 2 * v], c3 = f[s + 3 * v];
          let d0 = f[s + 1], d1 = f[s + v + 1], d2 = f[s + 2 * v + 1], d3 = f[s + 3 * v + 1];
          for (let k = 0; k < inner; k++, x += q, y += step) {
            const e = f[y], g = f[y + 1], a0 = f[x], a1 = f[x + p];
            const a2 = f[x + 2 * p], a3 = f[x + 3 * p];
            c0 += a0 * e; c1 += a1 * e; c2 += a2 * e; c3 += a3 * e;
            d0 += a0 * g; d1 += a1 * g; d2 += a2 * g; d3 += a3 * g;
          }
          f[t] = c0; f[t + u] = c1; f[t + 2 * u] = c2; f[t + 3 * u] = c3;
          f[t + 1] = d0; f[t + u + 1] = d1; f[t + 2 * u + 1] = d2; f[t + 3 * u + 1] = d3;
        }
      }
    }

    /* z becomes SiLU(z) = z s(z), and `slope` its derivative. */
    function silu(z, slope, count) {
      z >>= 2; slope >>= 2;
      for (let i = 0; i < count; i++) {
        const share = 1 / (1 + Math.exp(-f[z + i])), value = f[z + i] * share;
        f[slope + i] = share + value * (1 - share);
        f[z + i] = value;
      }
    }

    function multiply(x, y, count) {
      x >>= 2; y >>= 2;
      for (let i = 0; i < count; i++) { f[x + i] *= f[y + i]; }
    }

    /* Add all rows of x to the one row `sum`. */
    function addRows(sum, x, rows, columns) {
      sum >>= 2; x >>= 2;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) { f[sum + j] += f[x + i * columns + j]; }
      }
    }

    function transpose(to, from, rows, columns) {
      to >>= 2; from >>= 2;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) { f[to + j * rows + i] = f[from + i * columns + j]; }
      }
    }

    /* One step of Adam, of the averaged numbers after it, and the gradient is 0 again. rate and
       root hold the corrections of the first steps: w -= rate m / (root sqrt(v) + 1e-8). */
    function adam(w, gradient, first, second, averaged, count, rate, root, beta1, beta2, fresh) {
      w >>= 2; gradient >>= 2; first >>= 2; second >>= 2; averaged >>= 2;
      for (let i = 0; i < count; i++) {
        const g = f[gradient + i];
        const m = f[first + i] = f[first + i] + (1 - beta1) * (g - f[first + i]);
        const v = f[second + i] = f[second + i] + (1 - beta2) * (g * g - f[second + i]);
        const value = f[w + i] = f[w + i] - rate * m / (root * Math.sqrt(v) + 1e-8);
        f[averaged + i] += fresh * (value - f[averaged + i]);
        f[gradient + i] = 0;
      }
    }

    return { product, silu, multiply, addRows, transpose, adam };
  };
});
