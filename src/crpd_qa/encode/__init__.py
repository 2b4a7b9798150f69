"""Text -> vectors, through ONNX Runtime. Only `encode.export`, which makes the files, needs torch."""

from crpd_qa.encode.encoder import Encoder, Encoding, Floats, Ints

__all__ = ["Encoder", "Encoding", "Floats", "Ints"]
