"""The scripts of the laboratory that draw nothing: what its worker runs, and the state."""

SCRIPTS = ["js/shared/parts", "js/shared/random", "js/shared/solvers", "js/shared/pause",
           *(f"js/explorer/{name}" for name in ("paths", "mixture", "samplers")),
           *(f"js/laboratory/{name}" for name in (
               "refusals", "law", "fields", "distance", "presets", "density", "likelihood", "lines",
               "errors", "flights", "kernel", "plain", "machine", "network", "target", "floor",
               "batches", "trainer", "room", "answers", "desk", "state"))]
