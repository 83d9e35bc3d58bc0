"""A page with an explorer, and no other, loads its scripts and its style."""

SCRIPTS = ("random", "paths", "network", "mixture", "models", "samplers", "run", "draw",
           "controls", "explorer")  # the order in which they run


def add_scripts(app, pagename, templatename, context, doctree):
    if 'class="diffusion-explorer"' in context.get("body", ""):
        app.add_css_file("css/explorer.css")
        for name in SCRIPTS:
            app.add_js_file(f"js/explorer/{name}.js", loading_method="defer")


def setup(app):
    app.connect("html-page-context", add_scripts)
