"""The page that draws a digit, and no other, loads the scripts and the style for it."""

SCRIPTS = ("js/explorer/random", "js/digit/sampler", "js/digit/load", "digit/model",
           "js/digit/controls", "js/digit/digit")  # the order in which they run


def add_scripts(app, pagename, templatename, context, doctree):
    if 'class="digit-in-page"' in context.get("body", ""):
        app.add_css_file("css/digit.css")
        for name in SCRIPTS:
            app.add_js_file(f"{name}.js", loading_method="defer")


def setup(app):
    app.connect("html-page-context", add_scripts)
