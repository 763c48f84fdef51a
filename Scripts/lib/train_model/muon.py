"""Muon (https://kellerjordan.github.io/posts/muon/): momentum, orthogonalised by Newton-Schulz iterations.

Stacked matrices are orthogonalised each by itself; matrices of one shape go through the iterations together.
"""

from collections import defaultdict

import torch


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr: float, weight_decay: float, momentum: float = 0.95):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameters in by_shape(group["params"]):
                directions = [self._direction(parameter, group["momentum"]) for parameter in parameters]
                updates = orthogonal(torch.cat(directions)).split([len(each) for each in directions])
                rows, columns = parameters[0].shape[-2:]
                rate = group["lr"] * max(1, rows / columns) ** 0.5
                for parameter, update in zip(parameters, updates):
                    parameter.mul_(1 - group["lr"] * group["weight_decay"])
                    parameter.sub_(update.view_as(parameter), alpha=rate)

    def _direction(self, parameter, momentum: float):
        """[matrices, rows, columns]"""
        state = self.state[parameter]
        average = state.setdefault("momentum", torch.zeros_like(parameter))
        average.lerp_(parameter.grad, 1 - momentum)
        return parameter.grad.lerp(average, momentum).view(-1, *parameter.shape[-2:])


def by_shape(parameters):
    groups = defaultdict(list)
    for parameter in parameters:
        groups[parameter.shape[-2:]].append(parameter)
    return groups.values()


def orthogonal(matrices):
    """[matrices, rows, columns], with all singular values near 1."""
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    is_tall = x.size(1) > x.size(2)
    if is_tall:
        x = x.transpose(1, 2)
    for _ in range(5):
        gram = torch.bmm(x, x.transpose(1, 2))
        mix = torch.baddbmm(gram, gram, gram, beta=-4.7750, alpha=2.0315)
        x = torch.baddbmm(x, mix, x, beta=3.4445)
    return x.transpose(1, 2) if is_tall else x
