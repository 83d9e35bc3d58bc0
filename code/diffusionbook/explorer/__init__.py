"""The explorer: small trained networks that run in the reader's browser.

Its idea, particles of a two-dimensional model that the reader sets in motion, is that of
*Diffusion Explorer* by Alec Helbling and Duen Horng Chau (arXiv 2507.01178,
https://github.com/helblazer811/Diffusion-Explorer). Nothing is taken from it: there the page
trains its networks with a library; here it evaluates networks that this package trained.
"""
