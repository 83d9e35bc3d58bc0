"""What a chapter shows: numbers in its sentences, figures, films, sliders and squares."""

from diffusionbook.page import report
from diffusionbook.page.film import frames_of, player
from diffusionbook.page.slider import explore
from diffusionbook.page.square import walk

__all__ = ["explore", "frames_of", "player", "report", "walk"]
