/* The desk of the worker: it takes questions { kind, id, ... } and answers { kind, id, ... } or
   { kind, id, error }. Work is done in slices, with a look at new messages after each: so a newer
   question takes the place of an older one of its kind, about the same model, and training goes on
   between questions. */
DiffusionPart("DiffusionLaboratory", function (L) {
  "use strict";
  const SLICE = 12;  // milliseconds between two looks at new messages
  const REPORT = 100;  // milliseconds between two reports of training
  const CHANGES = ["law", "train", "stop"];  // done at once, in the order in which they came

  /* Arrays in an answer, which are handed over and not copied. */
  function buffers(value, depth = 0) {
    if (ArrayBuffer.isView(value)) { return [value.buffer]; }
    if (value === null || typeof value !== "object" || depth > 2) { return []; }
    return Object.values(value).flatMap((part) => buffers(part, depth + 1));
  }

  /* post(message, buffers) sends to the page. Returned is the function that takes its messages. */
  L.desk = function (post, pause = DiffusionShared.pause, now = () => performance.now()) {
    let room = null, line = [], stream = null, latest = null;  // of training: who listens, how far
    let arrived = 0, working = false, turn = false;

    const tell = (kind, id, fields) => post({ kind, id, ...fields }, [...new Set(buffers(fields))]);
    const refused = ({ kind, id }, error) => tell(kind, id, { error: error.message });
    const word = (value) => typeof value === "string" ? value : "";
    const slot = ({ kind, who }) => `${word(kind)} ${word(who)}`;

    const begin = {
      /* A new law: older questions were about another one. Particles are dropped anew. */
      law(question) {
        room = L.room(question);
        [stream, latest] = [null, { step: 0, seconds: 0 }];
        line = line.filter((one) => one.order >= question.order || one.kind === "drop");
        for (const one of line) { one.work = null; }
        return L.introduced(room, question);
      },

      *train({ id }) {
        stream = { id, loss: [], floor: [], told: now(), from: latest };
      },

      *stop() {
        if (stream) { report(); }
        stream = null;
        return { step: latest.step };
      },
    };

    function known({ kind }) {
      L.oneOf("kind", kind, [...CHANGES, ...Object.keys(L.answers)]);
      if (kind !== "law" && !room) { L.refuse("law", undefined, `told before any ${kind}`); }
    }

    /* A slice of a question; whether it is done with. */
    function answered(question) {
      const end = now() + SLICE;
      try {
        known(question);
        const { kind } = question, change = begin[kind];
        question.work = question.work
          || (change ? change(question) : L.answers[kind](room, question));
        const began = now();
        for (;;) {
          const { done, value } = question.work.next();
          if (done) {
            question.spent += now() - began;
            if (value) { tell(kind, question.id, { ...value, seconds: question.spent / 1000 }); }
            return true;
          }
          if (now() > end) {
            question.spent += now() - began;
            return false;
          }
        }
      } catch (error) {
        refused(question, error);
        return true;
      }
    }

    function train() {
      try {
        const { step, seconds, loss, floor } = room.trainer.run(SLICE);
        latest = { step, seconds };
        stream.loss.push([step, loss]);
        stream.floor.push([step, floor]);
        if (now() - stream.told >= REPORT) { report(); }
      } catch (error) {
        refused({ kind: "train", id: stream.id }, error);
        stream = null;
      }
    }

    function report() {
      const { id, from, loss, floor } = stream;
      if (!loss.length) { return; }
      const stepsPerSecond = (latest.step - from.step) / (latest.seconds - from.seconds);
      tell("train", id, { ...latest, loss, floor, stepsPerSecond });
      Object.assign(stream, { loss: [], floor: [], told: now(), from: latest });
    }

    /* The question whose turn it is goes to the end of the line if it takes longer. */
    function ask() {
      const question = line.find((one) => CHANGES.includes(one.kind) && !one.work) || line[0];
      const done = answered(question);
      const there = line.filter((one) => one !== question);
      line = done ? there : [...there, question];
    }

    async function work() {
      working = true;
      for (;;) {
        await pause();  // messages that wait come in
        if (!line.length && !stream) { break; }
        turn = !turn && stream !== null;
        if (turn || !line.length) { train(); } else { ask(); }
      }
      working = false;
    }

    return function ({ data }) {
      const question = { ...data, order: arrived++, work: null, spent: 0 };
      const stays = (one) => one.kind === "drop" || slot(one) !== slot(question);
      line = [...line.filter(stays), question];
      if (!working) { work(); }
    };
  };

  if (typeof WorkerGlobalScope !== "undefined" && globalThis instanceof WorkerGlobalScope) {
    globalThis.onmessage = L.desk((message, moved) => postMessage(message, moved));
  }
});
