"""A page with a live part or a layout of its own, and no other, loads its scripts and style."""

SHARED = ["js/shared/parts", "js/shared/random", "js/shared/solvers"]
PLANE = [f"js/shared/{name}" for name in ("plane", "controls", "clock")]  # what draws
NEWEST = "js/shared/newest"
EXPLORER = [*SHARED, "js/shared/pause", *(f"js/explorer/{name}" for name in (
    "paths", "network", "mixture", "models", "samplers", "run")), *PLANE,
    *(f"js/explorer/{name}" for name in ("controls", "load", "explorer"))]  # in this order they run
STEERING = ["js/shared/parts", "js/shared/random", "js/shared/pause", "js/explorer/paths",
            *(f"js/steering/{name}" for name in ("law", "guide", "run")), *PLANE, NEWEST,
            *(f"js/steering/{name}" for name in ("controls", "steering"))]
PREFERENCE = ["js/shared/parts", "js/shared/random", "js/shared/pause",
              *(f"js/steering/{name}" for name in ("law", "guide", "run")),
              *(f"js/preference/{name}" for name in ("law", "triangle")), *PLANE, NEWEST,
              *(f"js/preference/{name}" for name in ("controls", "picture", "preference"))]
ATTENTION = [*PLANE, *(f"js/attention/{name}" for name in (
    "shares", "picture", "controls", "attention"))]
TRANSPORT = ["js/shared/parts", "js/shared/pause", *(f"js/transport/{name}" for name in (
    "gaussians", "assignment", "sinkhorn")), *PLANE, NEWEST,
    *(f"js/transport/{name}" for name in ("picture", "grips", "controls", "transport"))]
LABORATORY = [*SHARED, "js/shared/pause", "js/explorer/paths", "js/explorer/mixture",
              "js/explorer/samplers", *(f"js/laboratory/{name}" for name in (
                  "refusals", "law", "fields", "distance", "density", "likelihood", "lines",
                  "errors", "flights", "presets", "kernel", "plain", "machine", "network",
                  "target", "floor", "batches", "trainer", "room", "answers", "desk")),
              "js/explorer/run", *PLANE, *(f"js/laboratory/{name}" for name in (
                  "state", "client", "sketch", "contours", "dots", "view", "curve", "controls",
                  "panels", "moments", "drawing", "dropping", "computing", "training", "share",
                  "wiring", "laboratory"))]
DIGIT = [*SHARED, "js/digit/sampler", "js/digit/load", "digit/model", "js/digit/controls",
         "js/digit/digit"]
PARTS = {  # the class of its element: its styles and its scripts
    "diffusion-explorer": (["explorer"], EXPLORER),
    "digit-in-page": (["digit"], DIGIT),
    "diffusion-laboratory": (["explorer", "laboratory"], LABORATORY),
    "latent-square": (["square"], ["js/square/square"]),
    "steering-explorer": (["explorer", "steering"], STEERING),
    "preference-triangle": (["explorer", "preference"], PREFERENCE),
    "attention-explorer": (["explorer", "attention"], ATTENTION),
    "transport-explorer": (["explorer", "transport"], TRANSPORT),
    "sheet docutils container": (["sheet"], []),  # the cheat sheet
}
# What brings the scripts of a part that are asked for when a reader comes near it.
LATER = {"diffusion-laboratory": "js/laboratory/load"}


def add_scripts(app, pagename, templatename, context, doctree):
    for name, (styles, scripts) in PARTS.items():
        if f'class="{name}"' in context.get("body", ""):
            for style in styles:
                app.add_css_file(f"css/{style}.css")
            told = {"data-scripts": " ".join(scripts)} if name in LATER else {}
            for script in [LATER[name]] if told else scripts:
                app.add_js_file(f"{script}.js", loading_method="defer", **told)


def setup(app):
    app.connect("html-page-context", add_scripts)
