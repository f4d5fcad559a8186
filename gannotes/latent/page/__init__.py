"""A page with sliders over a generator: one file, which needs no kernel and no network.

A layer is a product of rows with weights and, for a convolution, adding each result to its place
(both in WebAssembly: page.wat). A convolution of stride 1 is written as the transposed one with
the kernel turned round; batch normalization goes into the weights before it, in float16.
"""

import base64
import json
from pathlib import Path

from gannotes import files
from gannotes.checks import check_count
from gannotes.latent import generators, latents
import keras
from keras import layers
import numpy as np

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "page.html"
KERNELS = ("page_fused.wasm", "page.wasm")  # page.wat in binary form, the faster first
DATA = '{"the": "data"}'  # stands in the template
LARGEST = float(np.finfo("float16").max)
PLAIN = {  # options that some layers have, and the one choice that a page knows
    "data_format": "channels_last",
    "dilation_rate": (1, 1),
    "groups": 1,
    "interpolation": "nearest",
    "max_value": None,
    "output_padding": None,
    "threshold": 0,
}


def write_page(
    path, generator, directions=None, names=None, classes=None, count=64, columns=8, title=None
):
    """Writes a page that makes a generator's images in the browser, from ``file://`` too.

    The generator must be a chain of the layers in `LAYERS`; labels, if any, are embedded beside
    the latents, as in those of `models`. Options and sliders are those of
    `widgets.LatentExplorer`. Pictures equal Keras's within a grey level. Returns the page's path.
    """
    generators.check_generator(generator)
    check_count("count", count)
    check_count("columns", columns)
    size = generator.inputs[0].shape[1]
    named = latents.name_directions(size, directions, names)
    page = {
        "title": title or "A latent space under the hand",
        "latents": size,
        "directions": [{"name": name, "values": row.tolist()} for name, row in named.items()],
        "classes": generators.name_classes(generator, classes),
        "count": count,
        "columns": columns,
        "image": list(generator.outputs[0].shape[1:]),
        "kernels": [base64.b64encode((FOLDER / name).read_bytes()).decode() for name in KERNELS],
        "layers": _export(generator),
    }
    content = json.dumps(page).replace("<", "\\u003c")  # no name can end the script it stands in
    files.write_bytes(path, TEMPLATE.read_text("utf-8").replace(DATA, content, 1).encode())
    return Path(path)


def _export(generator):
    """What the page's script does, step by step, as dictionaries, weights as text."""
    chain, embedding = _chain(generator)
    steps = []
    for layer in chain:
        _check(layer)
        steps += LAYERS[type(layer)](layer, steps[-1] if steps else {})
        steps += _activation(layer)
    if embedding is not None:  # its part of the first Dense becomes biases of each class
        first, size = steps[0], generator.inputs[0].shape[1]
        rest = first["weights"][:, size:]
        first["biases"] = first["biases"] + _array(embedding.embeddings) @ rest.T
        first["weights"], first["inputs"] = first["weights"][:, :size], size
    return [
        {key: _text(x) if isinstance(x, np.ndarray) else x for key, x in step.items()}
        for step in steps
    ]


def _chain(generator):
    """The layers behind the latents, and the embedding of labels or None."""
    if not isinstance(generator, keras.Sequential):
        config = generator.get_config()["layers"]
        if any(len(layer["inbound_nodes"]) > 1 for layer in config):
            raise _refusal("a layer used more than once")
    chain = [layer for layer in generator.layers if not isinstance(layer, layers.InputLayer)]
    if not generators.takes_labels(generator):
        return chain, None
    beside = list(map(type, chain[:3])) == [layers.Embedding, layers.Concatenate, layers.Dense]
    if not beside or chain[1].input[0] is not generator.inputs[0]:
        raise _refusal("labels that are not embedded behind the latents, before a Dense")
    return chain[2:], chain[0]


def _check(layer):
    if type(layer) not in LAYERS:
        raise _refusal(f"{type(layer).__name__} {layer.name!r}")
    strides = {"strides": (1, 1)} if isinstance(layer, layers.Conv2D) else {}
    for name, plain in (PLAIN | strides).items():
        if (received := getattr(layer, name, plain)) != plain:
            raise _refusal(f"{name} {received!r} of {layer.name!r}")


def _refusal(received):
    known = ", ".join(kind.__name__ for kind in LAYERS)
    return ValueError(
        f"A page can hold a generator that is one chain of {known}; convolutions without dilation "
        f"or groups, Conv2D without strides. Received: {received}"
    )


def _text(array):
    """float16 as base64."""
    if not np.abs(array).max() <= LARGEST:
        raise ValueError(
            f"Weights must be finite and at most {LARGEST:.0f}, to be float16. "
            f"Received: {np.abs(array).max()}"
        )
    return base64.b64encode(array.astype("<f2").tobytes()).decode()


# Each gives the steps of a layer, after the step before. Weights have a row for each output.


def _dense(layer, before):
    kernel, biases = _kernel_and_biases(layer)
    inputs, outputs = kernel.shape
    sizes = {"inputs": inputs, "outputs": outputs}
    return [{"kind": "dense", **sizes, "weights": kernel.T, "biases": biases}]


def _convolution(layer, before):
    """A transposed convolution; one of stride 1 is that with the kernel turned round.

    Its trims are the rows and columns to cut off at the top and at the left.
    """
    kernel, biases = _kernel_and_biases(layer)  # (height, width, filters, channels) if transposed
    same = layer.padding == "same"
    if isinstance(layer, layers.Conv2DTranspose):
        sides = zip(layer.kernel_size, layer.strides, strict=True)
        trims = [max(k - stride, 0) // 2 if same else 0 for k, stride in sides]
    else:
        kernel = kernel[::-1, ::-1].transpose(0, 1, 3, 2)
        trims = [k - 1 - (k - 1) // 2 if same else k - 1 for k in layer.kernel_size]
    shapes = {"input": layer.input.shape[1:], "output": layer.output.shape[1:]}
    window = {"sides": kernel.shape[:2], "strides": layer.strides, "trims": trims}
    weights = kernel.reshape(-1, kernel.shape[-1])  # (height · width · filters, channels)
    product = {"weights": weights, "biases": biases}
    return [{"kind": "convolution"} | shapes | window | product]


def _batch_normalization(layer, before):
    """x·scale + shift for each channel, in the weights before it where that is the same."""
    if layer.axis not in (-1, len(layer.input.shape) - 1):
        raise _refusal(f"axis {layer.axis} of {layer.name!r}")
    scale = 1 / np.sqrt(_array(layer.moving_variance) + layer.epsilon)
    scale = scale * _array(layer.gamma) if layer.scale else scale
    shift = -_array(layer.moving_mean) * scale
    shift = shift + _array(layer.beta) if layer.center else shift
    if "weights" not in before:
        return [{"kind": "affine", "scale": scale, "shift": shift}]
    weights, biases = before["weights"], before["biases"]
    scales, shifts = (np.resize(x, biases.shape[1]) for x in (scale, shift))  # channels come last
    before["weights"] = weights * np.resize(scale, len(weights))[:, None]
    before["biases"] = biases * scales + shifts
    return []


def _upsampling(layer, before):
    return [{"kind": "upsampling", "input": layer.input.shape[1:], "size": layer.size}]


def _leaky(layer, before):
    return [{"kind": "leaky", "slope": float(layer.negative_slope)}]


def _activation(layer):
    """What a layer's own activation does, a list."""
    activation = getattr(layer, "activation", keras.activations.linear)
    if activation not in ACTIVATIONS:
        name = getattr(activation, "__name__", activation)
        raise _refusal(f"activation {name!r} of {layer.name!r}")
    return ACTIVATIONS[activation]


def _kernel_and_biases(layer):
    biases = _array(layer.bias) if layer.use_bias else np.zeros(layer.output.shape[-1])
    return _array(layer.kernel), biases[None]


def _array(variable):
    return keras.ops.convert_to_numpy(variable).astype(float)


ACTIVATIONS = {
    keras.activations.linear: [],
    keras.activations.relu: [{"kind": "leaky", "slope": 0.0}],
    keras.activations.leaky_relu: [{"kind": "leaky", "slope": 0.2}],
    keras.activations.tanh: [{"kind": "tanh"}],
    keras.activations.sigmoid: [{"kind": "sigmoid"}],
}
# These change no number in inference, but by `_activation`
UNCHANGED = (layers.Activation, layers.Reshape, layers.Flatten, layers.Dropout)
LAYERS = {  # some serve generators of other hands: Keras's examples
    layers.Dense: _dense,
    layers.Conv2DTranspose: _convolution,
    layers.Conv2D: _convolution,
    layers.UpSampling2D: _upsampling,
    layers.BatchNormalization: _batch_normalization,
    layers.LeakyReLU: _leaky,
    layers.ReLU: _leaky,
    **dict.fromkeys(UNCHANGED, lambda layer, before: []),
}
