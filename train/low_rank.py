"""Updates of a low rank beside frozen weights (LoRA, Hu et al. 2021): little is trained, and all can be taken out."""

import torch
from torch import nn


class LowRank(nn.Module):
    """A frozen linear layer with a trained update."""

    def __init__(self, linear: nn.Linear, rank: int) -> None:
        super().__init__()
        self.linear = linear
        self.down = nn.Linear(linear.in_features, rank, bias=False)
        self.up = nn.Linear(rank, linear.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return self.linear(states) + self.up(self.down(states))


def add_low_rank(encoder: nn.Module, frozen_layers: int, rank: int) -> None:
    """Freezes an MPNet encoder and puts an update beside each linear layer above the lowest `frozen_layers`."""
    encoder.requires_grad_(False)
    for layer in encoder.encoder.layer[frozen_layers:]:
        attention = layer.attention.attn
        for name in ("q", "k", "v", "o"):
            setattr(attention, name, LowRank(getattr(attention, name), rank))
        layer.intermediate.dense = LowRank(layer.intermediate.dense, rank)
        layer.output.dense = LowRank(layer.output.dense, rank)
