"""MNIST: only the true files are believed, and only a warned reader gets other digits."""

import errno
import gc
import gzip
import hashlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from diffusionbook.data import digits_standin, mnist, mnist_files
from diffusionbook.data.mnist import StandInWarning
from diffusionbook.data.mnist_files import Contents, MissingMnist
from diffusionbook.files.whole import DamagedFile
from diffusionbook.page import report

COUNT = {"train": 20, "t10k": 10}
NAMES = list(mnist_files.FILES)
TRAIN = NAMES[0]


def idx(*shape, seed):
    """A small idx file of bytes: its header is two zeros, the type, the rank and the lengths."""
    header = bytes([0, 0, 8, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape)
    return header + np.random.default_rng(seed).integers(0, 256, shape, np.uint8).tobytes()


@pytest.fixture
def small(monkeypatch, tmp_path):
    """{name: content} of a small data set that is the true one here, and no copy of it yet."""
    made = {}
    for seed, name in enumerate(NAMES):
        n = COUNT[name.split("-")[0]]
        made[name] = idx(n, 28, 28, seed=seed) if "images" in name else idx(n, seed=seed)
    monkeypatch.setattr(mnist_files, "FILES", {
        name: Contents(len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in made.items()})
    monkeypatch.setattr(mnist, "FILES", mnist_files.FILES)
    for variable in ("MNIST_ROOT", "BOOK_BUILD"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return made


@pytest.fixture
def root(small, tmp_path):
    """A folder with the small data set, laid out as torchvision does."""
    fill(tmp_path / "root" / "MNIST" / "raw", small)
    return tmp_path / "root"


@pytest.fixture
def offline(monkeypatch):
    """A download that finds no network; its value is the number of attempts, in a list."""
    attempts = []

    def fail(*_, **__):
        attempts.append(1)
        raise RuntimeError("Error downloading:\n<urlopen error no network>")

    replace_download(monkeypatch, fail)
    return attempts


def replace_download(monkeypatch, function):
    if function is not None:
        function.mirrors = ["https://one.org/", "https://two.org/"]
    module = SimpleNamespace(torchvision=SimpleNamespace(datasets=SimpleNamespace(MNIST=function)))
    monkeypatch.setitem(sys.modules, "diffusionbook.data.vision", module)


def online(monkeypatch, small):
    """A download that works, without a network."""
    replace_download(monkeypatch,
                     lambda aside, download: fill(Path(aside, "MNIST", "raw"), small))


def fill(folder, contents):
    folder.mkdir(parents=True)
    for name, raw in contents.items():
        (folder / name).write_bytes(raw)


def left(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def check(digits, small, split):
    images, labels = (small[f"{mnist.PREFIX[split]}-{kind}-ubyte"]
                      for kind in ("images-idx3", "labels-idx1"))
    assert digits.images.dtype == torch.float32 and digits.labels.dtype == torch.int64
    assert digits.labels.tolist() == list(labels[8:])
    grey = (digits.images.double() + 1) * 127.5
    expected = torch.tensor(list(images[16:]), dtype=torch.float64).reshape(-1, 1, 28, 28)
    assert (grey - expected).abs().max() < 1e-4
    assert digits.source.startswith("MNIST") and split in digits.source


@pytest.mark.parametrize("split", ["train", "test"])
def test_pixels_and_labels_are_those_of_the_files(split, small, root):
    digits = mnist.load(split, root)
    check(digits, small, split)
    assert digits.images.min() == -1 and digits.images.max() == 1  # 0 and 255 occur, and are exact
    assert str(root) not in digits.source


@pytest.mark.parametrize("layout", ["raw", "compressed", "raw compressed", "text", "variable"])
def test_every_layout_and_every_way_to_name_it(layout, small, root, monkeypatch, offline):
    raw = root / "MNIST" / "raw"
    if "compressed" in layout:
        for path in list(raw.iterdir()):
            Path(f"{path}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
    if layout == "variable":
        monkeypatch.setenv("MNIST_ROOT", str(root))
        given = None
    else:
        given = raw if "raw" in layout else str(root)
    check(mnist.load("train", given), small, "train")
    assert not offline


def test_the_order_of_places(small, root, tmp_path, monkeypatch, offline):
    fill(mnist_files.cache() / "MNIST" / "raw", small)
    check(mnist.load("test"), small, "test")  # the cache
    monkeypatch.setenv("MNIST_ROOT", "")
    check(mnist.load("test"), small, "test")  # an empty name is no name
    monkeypatch.setenv("MNIST_ROOT", str(tmp_path / "nowhere"))
    with pytest.raises(MissingMnist, match="nowhere.*MNIST_ROOT should name a folder"):
        mnist.load("test")  # what was named and is missing is not replaced by the cache
    check(mnist.load("test", root), small, "test")  # an argument goes before the variable
    with pytest.raises(MissingMnist, match="elsewhere.*no network.*root should name a folder.*"
                                           "set MNIST_ROOT to a folder with a copy"):
        mnist.load("test", tmp_path / "elsewhere")
    assert len(offline) == 2 and not (tmp_path / "elsewhere").exists()


ABSOLUTE = str(Path("/xdg").absolute())  # with a drive, where there are drives


@pytest.mark.parametrize(("platform", "variables", "expected"), [
    ("linux", {"XDG_CACHE_HOME": ABSOLUTE}, ABSOLUTE),
    ("linux", {"XDG_CACHE_HOME": ""}, "home/.cache"),
    ("linux", {"XDG_CACHE_HOME": "relative"}, "home/.cache"),  # to be ignored, by its standard
    ("darwin", {}, "home/Library/Caches"),
    ("win32", {"LOCALAPPDATA": "/local"}, "/local"),
    ("win32", {}, "home/AppData/Local"),
])
def test_the_cache_is_where_the_system_keeps_caches(platform, variables, expected, monkeypatch):
    for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: Path("home"))
    assert mnist_files.cache() == Path(expected, "diffusionbook")


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_every_truncation_is_named(name, compressed, small, root, offline):
    path = root / "MNIST" / "raw" / name
    raw = path.read_bytes()
    path.unlink()
    if compressed:
        path, raw = Path(f"{path}.gz"), gzip.compress(raw)
    for size in [*range(0, len(raw), 997), len(raw) - 8, len(raw) - 1]:
        path.write_bytes(raw[:size])
        with pytest.raises(DamagedFile, match=f"{name}.* is (cut short|damaged).*delete it"):
            mnist.load("train" if "train" in name else "test", root)
    assert not offline  # a damaged file is never replaced unasked


@pytest.mark.parametrize(("change", "words"), [
    (lambda raw: raw[:100] + bytes([raw[100] ^ 1]) + raw[101:], "is damaged or not MNIST's"),
    (lambda raw: raw[:15] + bytes([29]) + raw[16:], "is damaged or not MNIST's"),
    (lambda raw: raw + b"\0", "is too long: it should have 15,696 bytes"),
    (lambda raw: raw[:-1], "is cut short: it has 15,695 bytes of 15,696"),
    (lambda raw: b"<html>sign in</html>", "is cut short: it has 20 bytes"),
])
def test_a_changed_file_is_named_with_its_fault(change, words, small, root):
    path = root / "MNIST" / "raw" / TRAIN
    path.write_bytes(change(small[TRAIN]))
    with pytest.raises(DamagedFile, match=f"{TRAIN} {words}.*; delete it and load again"):
        mnist.load("train", root)
    check(mnist.load("test", root), small, "test")  # the other files are as good as before


@pytest.mark.parametrize(("name", "other"), [(NAMES[0], NAMES[2]), (NAMES[2], NAMES[0]),
                                             (NAMES[1], NAMES[3]), (NAMES[1], NAMES[0])])
def test_an_exchanged_file_is_recognised(name, other, small, root):
    (root / "MNIST" / "raw" / name).write_bytes(small[other])
    with pytest.raises(DamagedFile, match=f"{name} was exchanged: it holds what {other}"):
        mnist.load("train" if "train" in name else "test", root)


def test_a_file_that_is_no_gzip_is_damaged(small, root):
    path = root / "MNIST" / "raw" / TRAIN
    path.rename(f"{path}.gz")
    with pytest.raises(DamagedFile, match=rf"{TRAIN}\.gz is damaged: it cannot be decompressed"):
        mnist.load("train", root)


def test_a_folder_in_the_place_of_a_file_is_named(small, root):
    path = root / "MNIST" / "raw" / TRAIN
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match=f"{TRAIN} cannot be read: .*; make it readable"):
        mnist.load("train", root)


def test_a_root_that_is_a_file_is_refused(small, root, offline):
    file = root / "MNIST" / "raw" / TRAIN
    with pytest.raises(NotADirectoryError, match=f"{TRAIN} is a file; it should be a folder"):
        mnist.load("train", file)
    assert not offline


@pytest.mark.parametrize("locked", ["file", "folder"])
def test_want_of_permission_is_said(locked, small, root, offline, monkeypatch):
    path = root / "MNIST" / "raw" / TRAIN
    closed = path if locked == "file" else path.parent
    mode = closed.stat().st_mode
    closed.chmod(0)
    if os.access(path, os.R_OK):  # the system's administrator may read everything

        def refuse(*_):
            raise PermissionError(13, "Permission denied")

        if locked == "file":
            monkeypatch.setattr(mnist_files, "open", refuse, raising=False)
        else:
            monkeypatch.setattr(Path, "lstat", refuse)
    try:
        with pytest.raises(PermissionError, match=f"{TRAIN} cannot be read: Permission denied; "
                                                  "make it readable, or delete"):
            mnist.load("train", root)
    finally:
        closed.chmod(mode)
    assert not offline


@pytest.mark.parametrize("named", [None, "argument", "variable"])
def test_absent_files_are_downloaded_to_the_place_that_was_asked(named, small, tmp_path,
                                                                 monkeypatch):
    online(monkeypatch, small)
    place = tmp_path / "new" if named else mnist_files.cache()
    if named == "variable":
        monkeypatch.setenv("MNIST_ROOT", str(place))
    given = place if named == "argument" else None
    check(mnist.load("train", given), small, "train")
    assert left(tmp_path) == sorted(NAMES) == left(place / "MNIST" / "raw")
    replace_download(monkeypatch, None)  # nothing is left to download
    check(mnist.load("test", given), small, "test")


def test_a_download_completes_a_folder_and_leaves_what_was_there(small, root, monkeypatch):
    raw, again = root / "MNIST" / "raw", NAMES[2]
    kept = (raw / again).stat().st_mtime_ns
    (raw / TRAIN).unlink()
    online(monkeypatch, small)
    check(mnist.load("train", raw), small, "train")
    assert (raw / again).stat().st_mtime_ns == kept and left(root) == sorted(NAMES)


@pytest.mark.parametrize("moment", ["during the download", "between two files"])
@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_an_interrupted_download_leaves_whole_files_and_the_next_one_ends_well(
        moment, fault, small, tmp_path, monkeypatch):
    replaced, replace = [], os.replace

    def halfway(aside, download):
        fill(Path(aside, "MNIST", "raw"), {TRAIN: small[TRAIN][:5000]})
        raise fault

    def third(*paths):
        replaced.append(paths)
        if len(replaced) == 3:
            raise fault
        replace(*paths)

    with monkeypatch.context() as patch:
        if moment == "during the download":
            replace_download(patch, halfway)
        else:
            online(patch, small)
            patch.setattr(os, "replace", third)
        with pytest.raises((KeyboardInterrupt, MissingMnist)) as caught:
            mnist.load("train", stand_in=False)
        assert caught.type is KeyboardInterrupt or "No space left" in str(caught.value)
    found = left(tmp_path)
    assert found == ([] if moment == "during the download" else sorted(NAMES[:2]))
    assert all(path.read_bytes() == small[path.name]
               for path in tmp_path.rglob("*ubyte*") if path.is_file())
    online(monkeypatch, small)
    check(mnist.load("test"), small, "test")
    assert left(tmp_path) == sorted(NAMES)


def test_a_download_of_other_content_is_not_kept(small, tmp_path, monkeypatch):
    online(monkeypatch, small | {TRAIN: small[TRAIN][:-1]})
    with pytest.raises(MissingMnist, match=f"failed: {TRAIN} came damaged from https://one.org/ or "
                       "https://two.org/: it is cut short.*; load again") as said:
        mnist.load("train", tmp_path / "new")
    assert left(tmp_path) == [] and tempfile.gettempdir() not in str(said.value).replace(
        str(tmp_path), "")


def test_a_full_disk_during_a_download_names_no_file_that_is_gone(small, tmp_path, monkeypatch):
    def full(aside, download):
        raise OSError(errno.ENOSPC, "No space left on device", str(Path(aside, "MNIST", "x.gz")))

    replace_download(monkeypatch, full)
    place = re.escape(tempfile.gettempdir())
    with pytest.raises(MissingMnist, match=rf"{TRAIN} .*\(No space left on device in {place}\);"):
        mnist.load("train", tmp_path / "new")


def test_a_download_in_a_page_or_a_script_prints_nothing(small, monkeypatch, capsys):
    def talk(aside, download):
        print("100%", file=sys.stderr)
        fill(Path(aside, "MNIST", "raw"), small)

    replace_download(monkeypatch, talk)
    mnist.load("train")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(mnist_files, "watched", lambda: True)
    for name in NAMES:
        (mnist_files.cache() / "MNIST" / "raw" / name).unlink()
    mnist.load("train")
    assert capsys.readouterr().err == "100%\n"


def test_without_network_and_copy_other_digits_stand_in_loudly(small, offline):
    with pytest.warns(StandInWarning, match="NOT MNIST.*no network.*To have MNIST") as caught:
        digits = mnist.load("test")
    assert len(caught) == len(offline) == 1
    assert digits.source.startswith("NOT MNIST") and len(digits.labels) == 1797 - 1500
    with pytest.raises(StandInWarning):  # what tests and careful readers turn warnings into
        mnist.load("test")


def test_the_books_build_and_a_strict_caller_get_no_other_digits(small, offline, monkeypatch):
    with pytest.raises(MissingMnist, match="no network.*stand_in=False.*set MNIST_ROOT"):
        mnist.load("train", stand_in=False)
    monkeypatch.setenv("BOOK_BUILD", "1")
    with pytest.raises(MissingMnist, match="BOOK_BUILD is set.*set MNIST_ROOT"):
        mnist.load("train")


@pytest.mark.parametrize("split", ["train", "test"])
def test_what_is_measured_is_read_where_it_lies(
    split, small, root, offline, without_shape_checks
):
    check(mnist.real(split, root), small, split)
    with pytest.raises(MissingMnist, match=r"files are not in .*elsewhere.*\(root\)\. .*fetch\(\)"):
        mnist.real(split, root.parent / "elsewhere")
    (root / "MNIST" / "raw" / TRAIN).write_bytes(b"")
    with pytest.raises(DamagedFile, match="is cut short"):
        mnist.real("train", root)
    with pytest.raises(ValueError, match="split must be 'train' or 'test'; it is 'all'"):
        mnist.real("all", root)
    assert offline == []


def test_fetching_brings_what_is_missing_and_nothing_else(small, tmp_path, monkeypatch, offline):
    with pytest.raises(MissingMnist, match="no network.*set MNIST_ROOT"):
        mnist.fetch(tmp_path / "new")
    online(monkeypatch, small)
    mnist.fetch(tmp_path / "new")
    assert left(tmp_path / "new") == sorted(NAMES)
    replace_download(monkeypatch, None)
    mnist.fetch(tmp_path / "new")  # asks nobody
    check(mnist.real("test", tmp_path / "new"), small, "test")


def test_nobody_is_warned_of_true_digits(small, root):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mnist.load("train", root)
    assert caught == []


def test_an_unknown_split_is_refused(without_shape_checks, small, root):
    with pytest.raises(ValueError, match="split must be 'train' or 'test'; it is 'tset'"):
        mnist.load("tset", root)


def test_the_stand_in_is_two_apart_parts_of_labelled_digits():
    train, test = digits_standin.load("train"), digits_standin.load("test")
    assert len(train[0]) == 1500 and len(test[0]) == 297
    for images, labels in (train, test):
        assert images.shape[1:] == (1, 28, 28) and images.dtype == torch.float32
        assert labels.dtype == torch.int64 and labels.unique().tolist() == list(range(10))
        assert labels.bincount().min() > 0.08 * len(labels)
        assert images.min() == -1 and 0.8 < images.max() <= 1
        assert (images[..., [0, 1, 2, 3, -4, -3, -2, -1]] == -1).all()
        assert (images[..., [0, 1, 2, 3, -4, -3, -2, -1], :] == -1).all()
    distance = torch.cdist(test[0].flatten(1), train[0].flatten(1))
    assert distance.min() > 0.5  # no image is in both parts
    nearest = train[1][distance.argmin(1)]
    assert (nearest == test[1]).float().mean() > 0.9  # and the labels are those of the images
    again = digits_standin.load("train")
    assert torch.equal(again[0], train[0]) and torch.equal(again[1], train[1])


def test_the_stand_in_shows_the_scans(small, offline):
    from sklearn.datasets import load_digits

    with pytest.warns(StandInWarning):
        images = mnist.load("train").images[:, 0, 4:-4, 4:-4]
    # Linear interpolation between the middles of pixels, as a matrix, along each axis.
    middles = (np.arange(20) + 0.5) * 8 / 20 - 0.5
    w = np.stack([np.interp(middles, np.arange(8), row) for row in np.eye(8)], 1)
    expected = w @ load_digits().images[:1500] @ w.T
    assert np.abs((images.numpy() + 1) * 8 - expected).max() < 1e-4


def test_to_unit_is_affine_between_its_clamps():
    x = torch.tensor([-3.0, -1.0, -0.5, 0.0, 1.0, 1.5], dtype=torch.float64)
    assert mnist.to_unit(x).tolist() == [0, 0, 0.25, 0.5, 1, 1]
    assert mnist.to_unit(torch.zeros(2, 1, 28, 28)).shape == (2, 1, 28, 28)


def test_the_footer_says_which_digits(capsys):
    report.footer(seed=3)
    plain = capsys.readouterr().out
    report.footer(seed=3, data="MNIST")
    assert capsys.readouterr().out == plain + "Data: MNIST.\n"


class Mirror(SimpleHTTPRequestHandler):
    """Serves a folder; ``server.fault`` says what is wrong with it."""

    def do_GET(self):
        if self.server.fault == "sign in":
            return self.answer(b"<html>sign in</html>", 20)
        raw = Path(self.directory, self.path.lstrip("/")).read_bytes()
        if self.server.fault == "broken off":
            return self.answer(raw[: len(raw) // 2], len(raw))
        if self.server.fault == "gone":
            return self.send_error(404)
        if self.server.fault == "silent":
            return time.sleep(1)
        return self.answer(raw, len(raw), pieces=40 if self.server.fault == "slow" else 1)

    def answer(self, raw, length, pieces=1):
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        size = -(-len(raw) // pieces)
        for start in range(0, len(raw), size):
            self.wfile.write(raw[start : start + size])
            time.sleep(0.01 if pieces > 1 else 0)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads, fault = True, None

    def handle_error(self, *_):  # torchvision hangs up when it has seen where a page is
        pass


@pytest.fixture
def mirror(small, tmp_path, monkeypatch):
    """A server of the small data set, to which torchvision's download is directed."""
    from diffusionbook.data.vision import torchvision

    served = tmp_path / "served"
    fill(served, {f"{name}.gz": gzip.compress(raw) for name, raw in small.items()})
    server = Server(("127.0.0.1", 0), partial(Mirror, directory=str(served)))
    kind = torchvision.datasets.MNIST
    monkeypatch.setattr(kind, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])
    monkeypatch.setattr(kind, "resources", [
        (path.name, hashlib.md5(path.read_bytes()).hexdigest())
        for path in (served / f"{name}.gz" for name in NAMES)])
    monkeypatch.setenv("no_proxy", "*")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
    gc.collect()  # torchvision forgets to hang up where a page is not there


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_torchvisions_download_and_its_faults(mirror, small, monkeypatch, capsys):
    monkeypatch.setattr(mnist_files, "PATIENCE", 0.2)
    source = f"from http://127.0.0.1:{mirror.server_port}/"
    for fault in ("gone", "sign in", "broken off", "silent"):
        mirror.fault = fault
        with pytest.raises(MissingMnist, match=f"failed: {TRAIN} did not arrive {source} ") as it:
            mnist.load("train", stand_in=False)
        assert str(it.value).count(tempfile.gettempdir()) == 1, fault  # the folder that was asked
        assert left(mnist_files.cache()) == [], fault
    mirror.fault = None
    check(mnist.load("train", stand_in=False), small, "train")
    assert left(mnist_files.cache()) == sorted(NAMES)
    assert capsys.readouterr().err == ""
    assert socket.getdefaulttimeout() is None


SLOWLY = """
import sys
import tempfile
from diffusionbook.data import mnist, mnist_files
from diffusionbook.data.vision import torchvision
mnist_files.FILES = mnist.FILES = {{n: mnist_files.Contents(*c) for n, c in {files!r}.items()}}
kind = torchvision.datasets.MNIST
kind.mirrors, kind.resources = {mirrors!r}, {resources!r}
print("begun", flush=True)
print(len(mnist.load("train", stand_in=False).labels))
"""


def process(small):
    from diffusionbook.data.vision import torchvision

    kind = torchvision.datasets.MNIST
    files = {name: tuple(contents) for name, contents in mnist_files.FILES.items()}
    code = SLOWLY.format(files=files, mirrors=kind.mirrors, resources=kind.resources)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def test_a_file_that_is_gone_after_all_is_named(small, tmp_path, monkeypatch):
    monkeypatch.setattr(mnist, "download", lambda folder: None)
    with pytest.raises(OSError) as said:
        mnist.load("train", tmp_path)
    assert str(mnist_files.folder_in(tmp_path) / "train-images-idx3-ubyte") in str(said.value)


@pytest.mark.slow
def test_a_killed_process_leaves_nothing_that_is_believed(mirror, small):
    mirror.fault = "slow"
    with process(small) as run:
        assert run.stdout.readline() == "begun\n"
        time.sleep(0.6)
        run.kill()
    assert left(mnist_files.cache()) == []
    mirror.fault = None
    check(mnist.load("train", stand_in=False), small, "train")


@pytest.mark.slow
def test_two_processes_at_once_show_each_other_whole_files_only(mirror, small):
    mirror.fault = "slow"
    raw, seen = mnist_files.cache() / "MNIST" / "raw", set()
    with process(small) as one, process(small) as two:
        while one.poll() is None or two.poll() is None:
            for name in NAMES:
                if (raw / name).exists():
                    assert (raw / name).read_bytes() == small[name]
                    seen.add(name)
            time.sleep(0.002)
        assert [run.stdout.read() for run in (one, two)] == ["begun\n20\n"] * 2
    assert seen == set(NAMES) == set(left(raw))


@pytest.fixture
def true_root():
    root = os.environ.get("MNIST_ROOT")
    if not root or not Path(root).is_dir():
        pytest.skip("MNIST_ROOT names no folder with MNIST's files")
    return root


@pytest.mark.parametrize(("split", "count"), [("train", 60_000), ("test", 10_000)])
def test_the_true_files(true_root, split, count):
    digits = mnist.load(split, stand_in=False)
    assert digits.images.shape == (count, 1, 28, 28) and digits.labels.shape == (count,)
    assert digits.images.min() == -1 and digits.images.max() == 1
    classes = digits.labels.bincount()
    assert len(classes) == 10 and classes.sum() == count
    assert classes.min() > 0.08 * count and classes.max() < 0.12 * count
    # The border of four pixels is empty in most images, the middle in few.
    assert (digits.images[:, :, :2] == -1).float().mean() > 0.99
    assert (digits.images[:, :, 12:16, 12:16] == -1).float().mean() < 0.6


def test_the_true_files_need_little_memory(true_root):
    import tracemalloc

    tracemalloc.start()
    try:
        images = mnist.load("train", stand_in=False).images
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.3 * images.nbytes  # the pixels as floats and as bytes, nothing else
