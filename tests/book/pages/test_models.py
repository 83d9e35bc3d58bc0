"""The page of models: every measure of every receipt, and a floor beside its distance."""

from pathlib import Path

from bookext.book import Book
from bookext.pages.receipts import _model, page
from diffusionbook import zoo
from diffusionbook.evidence.receipts import is_floor

ROOT = Path(__file__).parents[3]


def row(page: str, what: str) -> str:
    (line,) = (line for line in page.splitlines() if line.startswith(f"| {what} |"))
    return line.strip("|").split("|")[1].strip()


def test_every_measure_of_every_receipt_is_on_the_page() -> None:
    text = page(Book(ROOT))
    for name in zoo.names():
        section = text.split(f"| `{name}` | receipt |")[1].split("\n## ")[0]
        for key in zoo.receipt(name)["metrics"]:
            assert is_floor(key) or row(section, key.replace("_", " "))


def test_a_floor_stands_beside_its_distance() -> None:
    metrics = {"frechet": {"mean": 0.9391, "std": 0.069, "seeds": 3},
               "frechet_floor": {"mean": 0.6248, "std": 0.0, "seeds": 3},
               "kid": {"mean": 0.3, "std": 0.1, "seeds": 1},
               "frechet_real": {"mean": 0.62, "std": 0.08, "seeds": 3},
               "frechet_held_out": {"mean": 1.5, "std": 0.1, "seeds": 3},
               "frechet_floor_held_out": {"mean": 0.75, "std": 0.0, "seeds": 3}}
    found = _model(zoo.receipt("mnist-unet") | {"metrics": metrics})
    assert row(found, "frechet") == (
        "0.9391 ± 0.069 over 3 sampling seeds; predicted floor 0.6248")
    assert row(found, "frechet real").endswith("; predicted floor 0.6248")
    assert row(found, "frechet held out") == (
        "1.5 ± 0.1 over 3 sampling seeds; predicted floor 0.75")
    assert row(found, "kid") == "0.3" and "floor |" not in found
    assert "| frechet floor held out |" not in found
