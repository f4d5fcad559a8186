"""A page with sliders over a generator: one file, which needs no kernel and no network.

The page knows one product, of rows with weights; a layer is that product and, for a convolution,
adding each result to its place (both in WebAssembly: page.wat). So a convolution of stride 1 is
written as the transposed convolution with the kernel turned round, and batch normalization goes into
the weights before it. Weights are float16.
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


def write_page(
    path,
    generator,
    coordinates=None,
    directions=None,
    names=None,
    classes=None,
    count=64,
    columns=8,
    seed=0,
    title="A latent space under the hand",
):
    """Writes a page that makes a generator's images in the browser, from ``file://`` too.

    Its sliders are those of `widgets.LatentExplorer`. Pictures equal Keras's within a grey level.

    Args:
        path: of the page, ``.html``.
        generator: a chain of the layers in `LAYERS`, with an embedding of labels beside the latents
            if it takes labels, as those of `models`.
        coordinates, directions, names: as for `latents.name_directions`.
        classes: names of a conditional generator's classes; their numbers by default.
        count, columns: images in the grid, and in a row of it.
        seed: draws the grid's latents in the beginning.

    Returns:
        The path.

    Raises:
        ValueError: the generator has other layers or branches, or weights beyond float16.
    """
    generators.check_generator(generator)
    check_count("count", count)
    check_count("columns", columns)
    check_count("seed", seed, minimum=0)
    size = generator.inputs[0].shape[1]
    named = latents.name_directions(size, coordinates, directions, names)
    page = {
        "title": str(title),
        "latents": size,
        "directions": [{"name": name, "values": row.tolist()} for name, row in named.items()],
        "classes": generators.name_classes(generator, classes),
        "count": count,
        "columns": columns,
        "seed": seed,
        "image": list(generator.outputs[0].shape[1:]),
        "kernels": [base64.b64encode((FOLDER / name).read_bytes()).decode() for name in KERNELS],
        "layers": export_layers(generator),
    }
    content = json.dumps(page).replace("<", "\\u003c")  # no name can end the script it stands in
    files.write_bytes(path, TEMPLATE.read_text("utf-8").replace(DATA, content, 1).encode())
    return Path(path)


def export_layers(generator):
    """What the page's script does one after the other, as dictionaries, weights as text."""
    made = []
    for layer in _chain(generator):
        for kind, export in LAYERS.items():
            if isinstance(layer, kind):
                export(made, layer)
                break
        else:
            raise _refusal(f"{type(layer).__name__} {layer.name!r}")
    return [
        {key: _text(x) if isinstance(x, np.ndarray) else x for key, x in step.items()}
        for step in made
    ]


def _chain(generator):
    """The layers from the latents on; the embedding of labels is in the first Dense's biases."""
    if not isinstance(generator, keras.Sequential):
        config = generator.get_config()["layers"]
        if any(len(layer["inbound_nodes"]) > 1 for layer in config):
            raise _refusal("a layer used more than once")
    chain = [layer for layer in generator.layers if not isinstance(layer, layers.InputLayer)]
    if not generators.takes_labels(generator):
        return chain
    kinds = [type(layer) for layer in chain[:3]]
    if kinds != [layers.Embedding, layers.Concatenate, layers.Dense]:
        raise _refusal("labels that are not embedded beside the latents, before a Dense")
    embedding, _, dense = chain[:3]
    return [_ConditionalDense(embedding, dense), *chain[3:]]


def _refusal(received):
    known = ", ".join(kind.__name__ for kind in LAYERS if kind is not _ConditionalDense)
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


# Each layer adds what it does to the list. Weights have a row for each output.


class _ConditionalDense:
    """A Dense of latents beside an embedded label: a Dense of latents, with biases for each class."""

    def __init__(self, embedding, dense):
        self.dense = dense
        kernel, bias = _kernel_and_bias(dense)
        size = len(kernel) - embedding.output_dim
        self.weights = kernel[:size].T
        self.biases = bias + _array(embedding.embeddings) @ kernel[size:]  # (classes, outputs)


def _export_conditional_dense(made, layer):
    made.append(_product(layer.weights, layer.biases))
    _activate(made, layer.dense.activation, layer.dense)


def _export_dense(made, layer):
    kernel, bias = _kernel_and_bias(layer)
    made.append(_product(kernel.T, bias[None]))
    _activate(made, layer.activation, layer)


def _product(weights, biases):
    return {
        "kind": "dense",
        "inputs": weights.shape[1],
        "outputs": len(weights),
        "weights": weights,
        "biases": biases,
    }


def _export_transposed_convolution(made, layer):
    _check_convolution(layer)
    if layer.output_padding is not None:
        raise _refusal(f"output_padding of {layer.name!r}")
    kernel, bias = _kernel_and_bias(layer)  # kernel (kernel height, width, filters, channels)
    trims = [0, 0]
    if layer.padding == "same":
        trims = [max(k - s, 0) // 2 for k, s in zip(layer.kernel_size, layer.strides, strict=True)]
    made.append(_scatter(layer, kernel, bias, layer.strides, trims))
    _activate(made, layer.activation, layer)


def _export_convolution(made, layer):
    _check_convolution(layer)
    if set(layer.strides) != {1} or layer.groups != 1:
        raise _refusal(f"strides or groups of {layer.name!r}")
    kernel, bias = _kernel_and_bias(layer)  # kernel (kernel height, width, channels, filters)
    turned = kernel[::-1, ::-1].transpose(0, 1, 3, 2)
    same = layer.padding == "same"
    trims = [k - 1 - (k - 1) // 2 if same else k - 1 for k in layer.kernel_size]
    made.append(_scatter(layer, turned, bias, (1, 1), trims))
    _activate(made, layer.activation, layer)


def _check_convolution(layer):
    if set(layer.dilation_rate) != {1} or layer.data_format != "channels_last":
        raise _refusal(f"dilation or channels first in {layer.name!r}")


def _scatter(layer, kernel, bias, strides, trims):
    """A transposed convolution; `trims` are the rows and columns cut off at the top and left."""
    return {
        "kind": "convolution",
        "input": list(layer.input.shape[1:]),
        "output": list(layer.output.shape[1:]),
        "sides": list(kernel.shape[:2]),
        "strides": list(strides),
        "trims": trims,
        "weights": kernel.reshape(-1, kernel.shape[-1]),  # (height · width · filters, channels)
        "biases": bias[None],
    }


def _export_batch_normalization(made, layer):
    """x·scale + shift for each channel, in the weights before it where that is the same."""
    if layer.axis not in (-1, len(layer.input.shape) - 1):
        raise _refusal(f"axis {layer.axis} of {layer.name!r}")
    scale = 1 / np.sqrt(_array(layer.moving_variance) + layer.epsilon)
    scale = scale * _array(layer.gamma) if layer.scale else scale
    shift = -_array(layer.moving_mean) * scale
    shift = shift + _array(layer.beta) if layer.center else shift
    if not made or "weights" not in made[-1]:
        made.append({"kind": "affine", "scale": scale, "shift": shift})
        return
    product = made[-1]
    rows, outputs = len(product["weights"]), product["biases"].shape[1]  # channels come last
    product["weights"] = product["weights"] * np.resize(scale, rows)[:, None]
    product["biases"] = product["biases"] * np.resize(scale, outputs) + np.resize(shift, outputs)


def _export_upsampling(made, layer):
    if layer.interpolation != "nearest" or layer.data_format != "channels_last":
        raise _refusal(f"interpolation or channels first in {layer.name!r}")
    size = [int(side) for side in layer.size]
    made.append({"kind": "upsampling", "input": list(layer.input.shape[1:]), "size": size})


def _export_leaky(made, layer):
    made.append({"kind": "leaky", "slope": float(layer.negative_slope)})


def _export_relu(made, layer):
    if layer.max_value is not None or layer.threshold:
        raise _refusal(f"max_value or threshold of {layer.name!r}")
    _export_leaky(made, layer)


def _export_activation(made, layer):
    _activate(made, layer.activation, layer)


def _activate(made, activation, layer):
    known = {
        keras.activations.linear: [],
        keras.activations.relu: [{"kind": "leaky", "slope": 0.0}],
        keras.activations.leaky_relu: [{"kind": "leaky", "slope": 0.2}],
        keras.activations.tanh: [{"kind": "tanh"}],
        keras.activations.sigmoid: [{"kind": "sigmoid"}],
    }
    if activation not in known:
        raise _refusal(
            f"activation {getattr(activation, '__name__', activation)!r} of {layer.name!r}"
        )
    made.extend(known[activation])


def _export_nothing(made, layer):
    """What changes no number in inference, in an order that channels last keep."""


def _kernel_and_bias(layer):
    filters = layer.units if isinstance(layer, layers.Dense) else layer.filters
    return _array(layer.kernel), _array(layer.bias) if layer.use_bias else np.zeros(filters)


def _array(variable):
    return keras.ops.convert_to_numpy(variable).astype(float)


# ReLU, UpSampling2D, Flatten, Dropout and sigmoids serve generators of other hands: Keras's examples
LAYERS = {
    _ConditionalDense: _export_conditional_dense,
    layers.Dense: _export_dense,
    layers.Conv2DTranspose: _export_transposed_convolution,
    layers.Conv2D: _export_convolution,
    layers.UpSampling2D: _export_upsampling,
    layers.BatchNormalization: _export_batch_normalization,
    layers.LeakyReLU: _export_leaky,
    layers.ReLU: _export_relu,
    layers.Activation: _export_activation,
    layers.Reshape: _export_nothing,
    layers.Flatten: _export_nothing,
    layers.Dropout: _export_nothing,
}
