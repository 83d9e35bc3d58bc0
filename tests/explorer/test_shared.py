"""What several live parts share: the newest wish alone counts, and a frame is drawn once."""

from node import asker


def test_wishes_that_come_while_one_is_computed_become_one() -> None:
    """Three wishes: the first is left half way at its second look, the second is never begun."""
    found = asker(["js/shared/newest"], "DiffusionShared", "S")("""
        const root = { dataset: {} }, said = [], next = () => new Promise(setImmediate);
        let wish = 0;
        const ask = S.newest(root, () => said.push(`follow ${wish}`), async function (newer) {
          const mine = wish;
          for (let look = 0; look < 3; look++) {
            said.push(`look ${mine}`);
            await next();
            if (newer()) { return false; }
          }
        });
        const change = (to) => { wish = to; return ask(); }, first = change(1);
        await next();
        change(2);
        change(3);
        await first;
        const after = root.dataset.computed;
        await change(4);
        return { said, after, last: root.dataset.computed };
    """)
    looks = ["look 1", "look 1", "look 3", "look 3", "look 3", "look 4", "look 4", "look 4"]
    assert [what for what in found["said"] if what.startswith("look")] == looks
    assert [what for what in found["said"] if what.startswith("follow")] == [
        "follow 1", "follow 2", "follow 3", "follow 4"]  # fmt: skip
    assert (found["after"], found["last"]) == (1, 2)


def test_many_calls_draw_once_on_the_next_frame() -> None:
    assert asker(["js/shared/plane"], "DiffusionShared", "S")("""
        const frames = [];
        globalThis.requestAnimationFrame = (work) => frames.push(work);
        let painted = 0;
        const draw = S.onFrame(() => { painted += 1; });
        draw();
        draw();
        const before = [frames.length, painted];
        frames.pop()();
        draw();
        return [...before, painted, frames.length];
    """) == [1, 0, 1, 1]
