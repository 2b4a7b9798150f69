"""How the reader and the checker are trained: AdamW, a linear schedule, bfloat16, checkpoints that a killed run goes
on from."""

import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

WARM_UP = 30
SAVED_EVERY, TOLD_EVERY = 100, 20
"""Steps."""


Batch = TypeVar("Batch")


def train(
    model: torch.nn.Module,
    parameters: list[dict[str, Any]],
    batches: Iterable[Batch],
    steps: int,
    loss_of: Callable[[Batch], torch.Tensor],
    checkpoint: Path,
    result: Callable[[], dict[str, Any]],
) -> None:
    """`parameters` have their rates; `result` is what the checkpoint holds for whoever uses the model. Goes on where a
    run with the same batches was killed."""
    optimizer = torch.optim.AdamW(parameters, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(step / WARM_UP, 1) * max(0.02, 1 - step / steps)
    )
    done = 0
    if checkpoint.exists() and (killed := torch.load(checkpoint).get("killed")):
        model.load_state_dict(killed["model"])
        optimizer.load_state_dict(killed["optimizer"])
        schedule.load_state_dict(killed["schedule"])
        done = killed["done"]
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    begun, losses = time.time(), []
    for step, batch in enumerate(islice(batches, done, steps), done + 1):
        with torch.autocast("cpu", torch.bfloat16):  # twice as fast where the processor multiplies bfloat16
            loss = loss_of(batch)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for group in parameters for p in group["params"]], 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % TOLD_EVERY == 0:
            print(step, steps, round(float(np.mean(losses[-40:])), 3), round(time.time() - begun), "s", flush=True)
        if step % SAVED_EVERY == 0 or step == steps:
            state = result()
            if step < steps:
                state["killed"] = {
                    "model": model.state_dict(),
                    "optimizer": optimizer.state_dict(),
                    "schedule": schedule.state_dict(),
                    "done": step,
                }
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").replace(checkpoint)
