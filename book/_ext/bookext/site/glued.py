"""A number in a sentence is printed as the run wrote it.

myst-nb reads a glued text as Python, to take its quotes off: of 1,000 it makes (1, 0), and of 0.60
it makes 0.6. The book glues no quotes.
"""

from myst_nb.ext.glue import crossref, roles

NO_FORM = ("", "s")  # the second is what the role itself says where the prose says nothing
CHOSEN = roles.format_plain_text


def as_it_stands(text: str, form: str) -> str:
    """The text itself; a form that the prose asks for, as in ``{glue:text}`name:.2f```, is kept."""
    return text if form in NO_FORM else CHOSEN(text, form)


def setup(app):
    for module in (roles, crossref):
        module.format_plain_text = as_it_stands
