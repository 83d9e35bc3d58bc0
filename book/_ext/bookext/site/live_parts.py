"""A page with a live part, and no other, loads the scripts and the style of it."""

SHARED = ["js/shared/random", "js/shared/solvers"]
EXPLORER = SHARED + [f"js/explorer/{name}" for name in (
    "paths", "network", "mixture", "models", "samplers", "run", "draw", "controls", "clock", "load",
    "explorer")]  # the order in which they run
DIGIT = [*SHARED, "js/digit/sampler", "js/digit/load", "digit/model", "js/digit/controls",
         "js/digit/digit"]
PARTS = {  # the class of its element: its style and its scripts
    "diffusion-explorer": ("explorer", EXPLORER),
    "digit-in-page": ("digit", DIGIT),
    "latent-square": ("square", ["js/square/square"]),
}


def add_scripts(app, pagename, templatename, context, doctree):
    for name, (style, scripts) in PARTS.items():
        if f'class="{name}"' in context.get("body", ""):
            app.add_css_file(f"css/{style}.css")
            for script in scripts:
                app.add_js_file(f"{script}.js", loading_method="defer")


def setup(app):
    app.connect("html-page-context", add_scripts)
