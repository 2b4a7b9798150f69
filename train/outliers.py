"""Channels of far larger values than the others, kept out of 8 bits.

ONNX Runtime gives a matrix in 8 bits an input in 8 bits: 256 values from the input's least to its greatest. In these
encoders a few channels are ten times as large as all others (see LLM.int8(), Dettmers et al. 2022), and leave these a
dozen of the 256. They are few: they are multiplied as they are, beside the rest.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

FEW = 4
"""Channels of an input that are kept out."""
SMALLER = 0.67
"""They are, where the largest value of the others is so much smaller."""

Feed = dict[str, NDArray[Any]]


def keep_outliers(model: onnx.ModelProto, feeds: Iterable[Feed]) -> None:
    """Changes a graph that `export_reader.quantized` made; `feeds` are inputs as people give them."""
    graph = model.graph
    maker = {output: node for node in graph.node for output in node.output}
    rounded = [node for node in graph.node if node.op_type == "DynamicQuantizeLinear"]
    largest = _largest(model, [node.input[0] for node in rounded], feeds)
    weights = {tensor.name: tensor for tensor in graph.initializer}
    made: list[NodeProto] = []

    def constant(name: str, value: NDArray[Any]) -> str:
        graph.initializer.append(numpy_helper.from_array(value, name))
        return name

    for node in graph.node:
        made.append(node)
        if node.op_type == "DynamicQuantizeLinear" and len(channels := outliers(largest[node.input[0]])):
            whole, alone, rest = node.input[0], f"{node.input[0]}_outliers", f"{node.input[0]}_others"
            others = np.ones(len(largest[whole]), np.float32)
            others[channels] = 0
            node.input[0] = rest
            made[-1:] = [
                helper.make_node("Gather", [whole, constant(f"{alone}_at", channels)], [alone], axis=-1),
                helper.make_node("Mul", [whole, constant(f"{rest}_at", others)], [rest]),
                node,
            ]
        elif node.op_type == "Mul" and (matrix := _matrix(node, maker)):
            whole = maker[matrix.input[0]].input[0].removesuffix("_others")
            if not len(channels := outliers(largest[whole])):
                continue
            name, product = matrix.input[1].removesuffix("_quantized"), node.output[0]
            rows, scale = (numpy_helper.to_array(weights[f"{name}_{part}"]) for part in ("quantized", "scale"))
            kept = constant(f"{name}_outliers", rows[channels].astype(np.float32) * scale)
            node.output[0] = f"{product}_of_others"
            made += [
                helper.make_node("MatMul", [f"{whole}_outliers", kept], [f"{product}_of_outliers"]),
                helper.make_node("Add", [node.output[0], f"{product}_of_outliers"], [product]),
            ]
    del graph.node[:]
    graph.node.extend(made)


def _matrix(node: NodeProto, maker: dict[str, NodeProto]) -> NodeProto | None:
    """The matrix in 8 bits whose product this node brings back to its scale."""
    cast = maker.get(node.input[0])
    matrix = maker.get(cast.input[0]) if cast and cast.op_type == "Cast" else None
    return matrix if matrix and matrix.op_type == "MatMulInteger" else None


def outliers(largest: NDArray[np.float32]) -> NDArray[np.int64]:
    """Of the channels whose largest values these are, those that stand out, if any do."""
    order = np.argsort(-largest)
    if len(order) > FEW and largest[order[FEW]] < SMALLER * largest[order[0]]:
        return np.sort(order[:FEW]).astype(np.int64)
    return np.empty(0, np.int64)


def _largest(model: onnx.ModelProto, names: list[str], feeds: Iterable[Feed]) -> dict[str, NDArray[np.float32]]:
    """By the name of an input of matrices: of each channel the largest magnitude."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    own = {output.name for output in watched.graph.output}
    names = list(dict.fromkeys(names))
    watched.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in own)
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    found: dict[str, NDArray[np.float32]] = {}
    for feed in feeds:
        for name, states in zip(names, session.run(names, feed), strict=True):
            here = np.abs(states).reshape(-1, states.shape[-1]).max(0)
            found[name] = np.maximum(found.get(name, here), here)
    return found
