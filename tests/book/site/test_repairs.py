"""The theme's faults are mended once, and nothing else is touched."""

from bookext.site.repairs import mend

FAULTY = """<head>
    <title>A Book &#8212; A Book</title>
    <script>const THEBE_JS_URL = "x"; const thebe_selector = ".thebe"</script>
    <script async="async" src="../_static/sphinx-thebe.js?v=c1"></script>
    <link rel="stylesheet" type="text/css" href="../_static/sphinx-thebe.css?v=4f" />
    <script src="../_static/kept.js"></script>
</head>
<div class="bd-sidebar-primary bd-sidebar">
<section id="exercise-content"><section id="solution-content"><section id="own-content">
<summary><p class="collapsed admonition-title">Show</p></summary><p class="admonition-title">A</p>
<a class="reference internal" href="api.html">API reference</a><details><summary><span></span>
"""


def test_faults_are_mended() -> None:
    mended = mend(FAULTY)
    assert "hebe" not in mended
    assert "<title>A Book</title>" in mended
    assert '<script src="../_static/kept.js"></script>' in mended
    assert '</a><details><summary aria-label="Pages of API reference"><span>' in mended
    assert "<section><section><section id=\"own-content\">" in mended
    assert ('<summary><span class="collapsed admonition-title">Show</span></summary>'
            '<p class="admonition-title">A</p>') in mended
    assert 'role="navigation" aria-label="Table of contents">' in mended


def test_mending_twice_is_mending_once() -> None:
    assert mend(mend(FAULTY)) == mend(FAULTY)
