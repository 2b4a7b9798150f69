"""Weights in 8 bits, as the package has them: a model that training goes on from, and what it will lose in them.

The exporter keeps the names of biases, norms and vocabularies, and numbers the matrices in the order in which the
linear layers are called.
"""

import re
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

_NUMBERED = re.compile(r"val_(\d+)_quantized")


def matrices(graph: Path) -> int:
    """How many matrices in 8 bits a graph multiplies with."""
    return sum(node.op_type == "MatMulInteger" for node in onnx.load(str(graph), load_external_data=False).graph.node)


def restore(model: nn.Module, graph: Path, sample: tuple[torch.Tensor, ...]) -> None:
    """Gives the model the weights of a graph that `export_reader.quantized` made of one like it.

    `sample` is any input: it shows in which order the layers are called.
    """
    read = onnx.load(str(graph)).graph.initializer
    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in read}
    own = {name: array for name, array in found.items() if array.dtype == np.float32}
    for name, whole in found.items():
        if name.endswith("_quantized"):
            name = name.removesuffix("_quantized")
            scale, zero = found[f"{name}_scale"], found[f"{name}_zero_point"]
            own[name] = (whole.astype(np.float32) - zero) * scale  # a matrix has one of each for each output
    matrices = sorted(
        (int(number[1]), name.removesuffix("_quantized")) for name in found if (number := _NUMBERED.fullmatch(name))
    )
    called: list[str] = []
    hooks = [
        module.register_forward_hook(lambda *_, name=name: called.append(name))
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and f"{name}.weight_Transposed" not in own
    ]
    with torch.no_grad():
        model(*sample)
    for hook in hooks:
        hook.remove()
    weights = {f"{name}.weight": own[matrix].T for name, (_, matrix) in zip(called, matrices, strict=True)}
    weights |= {name.removesuffix("_Transposed"): own[name].T for name in own if name.endswith("_Transposed")}
    everything = {**own, **weights}
    model.load_state_dict({name: torch.tensor(everything[name]) for name in model.state_dict()})


def as_in_8_bits(model: nn.Module) -> None:
    """Linear layers are given what ONNX Runtime will give them: 256 values, from a row's least to its greatest.

    The gradient passes as if nothing were rounded (Jacob et al. 2018).
    """

    def rounded(_: nn.Module, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        states = given[0].detach()
        own = tuple(range(1, states.dim()))
        low, high = states.amin(own, keepdim=True).clamp(max=0), states.amax(own, keepdim=True).clamp(min=0)
        scale = (high - low).float().clamp(min=1e-8) / 255
        return (given[0] + ((states / scale).round() * scale - states).to(states.dtype),)

    for module in model.modules():
        if isinstance(module, nn.Linear):
            module.register_forward_pre_hook(rounded)
