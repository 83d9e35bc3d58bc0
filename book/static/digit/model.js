/* The network mnist-unet-quick.onnx, written by `python -m diffusionbook export digit`. */
DigitInPage.model = {
 "model": "mnist-unet-quick",
 "weights_sha256": "a6e5058b57f12aa13ca60c0134206ce16e97240b619cf41ae00bf620848dbc82",
 "file": "mnist-unet-quick.onnx",
 "bytes": 3753667,
 "sha256": "e379d0774c34949afd96fffbb0724193eb83dd6ecd8aee425b59aa395724b0a4"
};
