"""A model in ONNX Runtime, on the processor."""

from pathlib import Path

import onnxruntime


def session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    """`threads` 0 takes one for each physical core. Raises what ONNX Runtime raises, of many undocumented kinds."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Threads that spin while they wait make every other process of the machine wait, for half a millisecond here.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
