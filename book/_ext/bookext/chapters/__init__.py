"""What a chapter is, and whether it holds: its cells and the key of their outputs, the outputs that
git keeps, the kernel that makes them, its labelled equations, and the style that lint asks of it.
"""
