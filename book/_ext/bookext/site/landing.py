"""The landing page alone loads the film of the header spiral."""


def add_film(app, pagename, templatename, context, doctree):
    if pagename == app.config.root_doc:
        app.add_js_file("header/spiral-data.js", loading_method="defer")
        app.add_js_file("js/spiral.js", loading_method="defer")


def setup(app):
    app.connect("html-page-context", add_film)
