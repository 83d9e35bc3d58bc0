/* A stand-in for the engine, which learns nothing: its network answers with the exact field of a
   round cloud, moved by how many steps were trained, and a step takes a millisecond of the clock
   that the test gives (L.clock), or none. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  L.made = [];  // what was asked of networks and trainers

  L.network = function (about) {
    L.made.push(about);
    return { numbers: new Float32Array(2) };
  };

  L.trainer = function (net, law, about) {
    let step = 0;
    L.made.push(about);
    return {
      averaged: net.numbers,
      run(milliseconds) {
        step += milliseconds;
        net.numbers.fill(step);
        if (L.clock) { L.clock.now += milliseconds; }
        if (L.breaks) { throw new Error("the network broke"); }
        return { step, seconds: step / 1000, loss: 2 / step, floor: 1 / step };
      },
      model(label, numbers) {
        if (label >= 0 && law.labels.length < 2) { throw new Error("this network knows no label"); }
        const table = Float64Array.of(1, label, Math.min(1, numbers[0] / 1000), 0.5, 0, 0.5);
        return DiffusionExplorer.mixture(table, about.path);
      },
    };
  };
});
