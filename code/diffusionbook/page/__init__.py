"""What a chapter shows: numbers in its sentences, figures, films and sliders."""

from diffusionbook.page import report
from diffusionbook.page.film import frames_of, player
from diffusionbook.page.slider import explore

__all__ = ["explore", "frames_of", "player", "report"]
