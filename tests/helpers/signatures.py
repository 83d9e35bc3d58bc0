"""How strictly signatures are read: as Python's typing rules have it, an int is also a float."""

from beartype import BeartypeConf, beartype

enforced = beartype(conf=BeartypeConf(is_pep484_tower=True))
