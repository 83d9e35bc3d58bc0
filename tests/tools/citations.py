"""Where the maintainers write the settings that ``contestants.py`` gives their models.

Each is cited by file and line at the commit of the release that ``rivals.py`` installs.
"""

TORCHCFM = {
    "repository": "https://github.com/atong01/conditional-flow-matching",
    "commit": "3fd278f9ef2f02e17e107e5769130b6cb44803e2",
    "release": "1.0.7",
}
SMALLDIFFUSION = {
    "repository": "https://github.com/yuanchenyang/smalldiffusion",
    "commit": "baf57767c1d55f0ed9668742616110500a6c5494",
    "release": "0.5.0",
}
NOTEBOOK, UNET = "examples/images/conditional_mnist.ipynb", "torchcfm/models/unet/unet.py"
SCRIPT, LOOP = "examples/fashion_mnist_unet.py", "src/smalldiffusion/diffusion.py"

Line = tuple[str, str, int]
FLOW: list[Line] = [
    ("batch 128", NOTEBOOK, 38),
    ("10 epochs", NOTEBOOK, 39),
    ("pixels from -1 to 1", NOTEBOOK, 45),
    ("shuffled, what fills no batch is dropped", NOTEBOOK, 49),
    ("σ = 0 in the flow", NOTEBOOK, 63),
    ("32 channels, 1 residual block, 10 classes", NOTEBOOK, 65),
    ("channels times 1, 2, 2", UNET, 894),
    ("no dropout", UNET, 875),
    ("Adam at its own rate, 1e-3", NOTEBOOK, 67),
    ("mean squared error of the velocity", NOTEBOOK, 96),
    ("100 samples at once", NOTEBOOK, 125),
    ("from t = 0 to 1", NOTEBOOK, 126),
    ("absolute tolerance 1e-4", NOTEBOOK, 127),
    ("relative tolerance 1e-4", NOTEBOOK, 128),
    ("dopri5", NOTEBOOK, 129),
]
CHAIN: list[Line] = [
    ("batch 1,024; 300 epochs; 64 samples at once", SCRIPT, 15),
    ("Accelerator at its own precision, float32", SCRIPT, 17),
    ("shuffled", SCRIPT, 21),
    ("800 noise levels from 0.01 to 20", SCRIPT, 22),
    ("64 channels times 1, 1, 2; attention at 14 × 14", SCRIPT, 23),
    ("dropout 0.1", "src/smalldiffusion/model_unet.py", 91),
    ("averaged weights, decay 0.999", SCRIPT, 26),
    ("rate 7e-4", SCRIPT, 28),
    ("AdamW", LOOP, 120),
    ("images mirrored at random (here not)", "src/smalldiffusion/data.py", 20),
    ("pixels from -1 to 1", "src/smalldiffusion/data.py", 22),
    ("20 steps, gam 1.6", SCRIPT, 34),
]
CITED: dict[str, dict] = {
    "torchcfm": TORCHCFM | {"lines": FLOW},
    "smalldiffusion": SMALLDIFFUSION | {"lines": CHAIN},
    "smalldiffusion, batch 64": SMALLDIFFUSION | {"lines": CHAIN},
}
