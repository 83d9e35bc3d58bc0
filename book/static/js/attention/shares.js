/* The shares of attention, out of the bytes that the page holds, and words for them. */
(function (A) {
  "use strict";

  /* Bytes of base64. */
  A.bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  /* Where patch `patch` of n looks in map number k: n shares, which sum to 1. */
  A.shares = function (maps, n, k, patch) {
    const from = (k * n + patch) * n, row = Array.from(maps.subarray(from, from + n));
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((value) => value / sum);
  };

  /* The patches that touch one, in a square of side × side. */
  A.neighbours = function (side, patch) {
    const row = Math.floor(patch / side), column = patch % side;
    return Array.from({ length: side * side }, (_, i) => i).filter((i) => i !== patch
      && Math.abs(Math.floor(i / side) - row) <= 1 && Math.abs(i % side - column) <= 1);
  };

  /* The patch in a row and a column, or the nearest one to them. */
  A.place = function (side, row, column) {
    const clamp = (value) => Math.min(side - 1, Math.max(0, value));
    return clamp(row) * side + clamp(column);
  };

  /* Where a key leads from a patch; undefined for a key that leads nowhere. */
  A.moved = function (side, patch, key) {
    const row = Math.floor(patch / side), column = patch % side, last = side - 1;
    const there = {
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
      Home: [row, 0], End: [row, last], PageUp: [0, column], PageDown: [last, column],
    }[key];
    return there && A.place(side, ...there);
  };

  /* Which patch it is, and how much of its attention stays near. */
  A.words = function (side, patch, shares) {
    const near = A.neighbours(side, patch), percent = (share) => `${Math.round(100 * share)}\u00a0%`;
    const around = near.reduce((sum, i) => sum + shares[i], 0);
    return `Row ${Math.floor(patch / side) + 1}, column ${patch % side + 1}: `
      + `${percent(shares[patch])} of its attention on itself, ${percent(around)} on its `
      + `${near.length} neighbours`;
  };
})(globalThis.DiffusionAttention = globalThis.DiffusionAttention || {});
