"""Documents read and embedded by several processes, or on a Ray cluster, for one process that puts them in the library.

A worker writes segments and never `library.json`. Killed, it has lost the document at hand, which is tried once more;
what it had written stays. Results come in the order of the files, so that the library is the same however many worked.
"""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue

from crpd_qa.errors import CrpdQaError, DocumentError
from crpd_qa.extras import needs_extra
from crpd_qa.library.write import Embedded, LibraryWriter

TRIES = 2
"""A worker is killed where memory is short, by chance or by the document that it reads."""

Outcome = Embedded | DocumentError


def in_processes(
    folder: Path, files: Sequence[Path], given: Mapping[str, str], *, workers: int, threads: int = 0
) -> Iterator[tuple[Path, Outcome]]:
    """Each file with its document or why it was refused. Each process embeds with `threads`, 0: its share of the cores.

    Raises what `LibraryWriter.embed` raises but DocumentError.
    """
    threads = threads or max(1, (os.cpu_count() or 1) // workers)

    def started() -> ProcessPoolExecutor:
        # Of one process each: which document it died of is known. A fork would share the encoder's threads.
        return ProcessPoolExecutor(1, get_context("spawn"))

    idle: SimpleQueue[ProcessPoolExecutor] = SimpleQueue()
    for _ in range(workers):
        idle.put(started())

    def embed(source: Path) -> Outcome:
        process = idle.get()
        try:
            for _ in range(TRIES):
                try:
                    return process.submit(embed_file, folder, source, given, threads).result()
                except BrokenProcessPool:
                    process = started()
            return _killed(source)
        finally:
            idle.put(process)

    try:
        with ThreadPoolExecutor(workers) as waiting:
            yield from zip(files, waiting.map(embed, files), strict=True)
    finally:
        for _ in range(workers):
            idle.get().shutdown()


def on_ray(
    folder: Path, files: Sequence[Path], given: Mapping[str, str], *, address: str
) -> Iterator[tuple[Path, Outcome]]:
    """The same by tasks on a Ray cluster, each of one core. Its machines see library and files under the same paths.

    Raises ExtraNotInstalledError, CrpdQaError where the cluster does not answer.
    """
    with needs_extra("cluster", "--ray"):
        import ray
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise CrpdQaError(
            f"no Ray cluster answers at {address!r} ({error}); give HOST:PORT of its head, auto, or local"
        ) from error
    try:
        task = ray.remote(num_cpus=1, max_retries=TRIES - 1)(embed_file)
        under_way = [task.remote(folder.resolve(), source.resolve(), dict(given), 1) for source in files]
        for source, reference in zip(files, under_way, strict=True):
            try:
                yield source, ray.get(reference)
            except ray.exceptions.RayTaskError as error:
                raise error.cause from error
            except ray.exceptions.RayError:  # the worker, or its machine, is gone
                yield source, _killed(source)
    finally:
        ray.shutdown()


def embed_file(folder: Path, source: Path, given: Mapping[str, str], threads: int) -> Outcome:
    """In a worker. Raises CrpdQaError for what is not the document's fault."""
    try:
        return _writer(folder, threads).embed(source, **given)
    except DocumentError as error:
        return error
    except CrpdQaError:
        raise
    except Exception as error:  # the others go on
        return DocumentError(f"{source} cannot be read: {type(error).__name__}: {error}")


@lru_cache(1)
def _writer(folder: Path, threads: int) -> LibraryWriter:
    """Of this process, with the encoders that it has loaded."""
    return LibraryWriter(folder, threads=threads)


def _killed(source: Path) -> DocumentError:
    return DocumentError(
        f"{source}: the worker that read it was killed {TRIES} times; memory may be short: try it alone, or with fewer "
        "workers"
    )
