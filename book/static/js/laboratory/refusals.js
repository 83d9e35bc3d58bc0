/* What a question may say. A refusal names the argument, says what it was and what it should be. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";

  /* A value as a reader would write it, shortened. */
  function shown(value) {
    if (typeof value === "number" || value === undefined) { return String(value); }
    let text;
    try {
      text = JSON.stringify(value) || typeof value;
    } catch {
      text = typeof value;
    }
    return text.length > 60 ? `${text.slice(0, 60)}\u2026` : text;
  }

  L.refuse = function (name, value, should) {
    throw new Error(`${name} must be ${should}; it is ${shown(value)}`);
  };

  const within = (least, most) => {
    if (most < Infinity) { return ` from ${least} to ${most}`; }
    return least > -Infinity ? ` of at least ${least}` : "";
  };

  L.number = function (name, value, least = -Infinity, most = Infinity) {
    if (!Number.isFinite(value) || value < least || value > most) {
      L.refuse(name, value, `a number${within(least, most)}`);
    }
    return value;
  };

  L.whole = function (name, value, least = -Infinity, most = Infinity) {
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      L.refuse(name, value, `a whole number${within(least, most)}`);
    }
    return value;
  };

  L.oneOf = function (name, value, choices) {
    if (!choices.includes(value)) { L.refuse(name, value, `one of ${choices.join(", ")}`); }
    return value;
  };

  /* Numbers by twos, x and y in turn. */
  L.pairs = function (name, value) {
    const list = Array.isArray(value) || ArrayBuffer.isView(value);
    if (!list || !value.length || value.length % 2 || !Array.from(value).every(Number.isFinite)) {
      L.refuse(name, value, "a list of finite numbers, x and y in turn");
    }
    return Float64Array.from(value);
  };
});
