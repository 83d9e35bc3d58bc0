"""The book in print: what goes into the PDF, in which order, and how its pages are kept tidy.

Style is in ``book/latex/bookstyle.sty``. What paper cannot serve is left to the site, and links
lead there.
"""
