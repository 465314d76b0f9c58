"""Muon for the hidden matrices, AdamW for the rest, and an average of the weights.

Muon: the momentum of a matrix, orthogonalised by five Newton-Schulz steps
(https://kellerjordan.github.io/posts/muon), scaled by 0.2 * sqrt(larger side) so that its rate is
comparable to AdamW's (https://arxiv.org/abs/2502.16982). A convolution is a matrix of its outputs by its
inputs. Matrices of one shape are batched.
"""

import torch

#: Coefficients of the quintic Newton-Schulz iteration.
QUINTIC = (3.4445, -4.7750, 2.0315)


def orthogonal(matrices):
    """The approximate nearest orthogonal matrices; [count, rows, columns]."""
    x = matrices.bfloat16() if matrices.is_cuda else matrices.float()
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    a, b, c = QUINTIC
    for _ in range(5):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if tall else x).float()


class Optimiser:
    """Both optimisers over named parameters; `is_matrix` selects those for Muon by name."""

    def __init__(self, parameters, stage, is_matrix=lambda name: False):
        self.stage = stage
        self.parameters = {name: value for name, value in parameters if value.requires_grad}
        hidden = [name for name, value in self.parameters.items() if value.ndim in (2, 4) and is_matrix(name)]
        self.rest = [name for name in self.parameters if name not in set(hidden)]
        self.shapes = {}
        for name in hidden:
            self.shapes.setdefault(tuple(self.parameters[name].flatten(1).shape), []).append(name)
        self.momentum = {name: torch.zeros_like(self.parameters[name]) for name in hidden}
        self.first = {name: torch.zeros_like(self.parameters[name]) for name in self.rest}
        self.second = {name: torch.zeros_like(self.parameters[name]) for name in self.rest}

    def tensors(self):
        """The state, as named tensors for a checkpoint."""
        state = {"momentum": self.momentum, "first": self.first, "second": self.second}
        return {f"{kind}.{name}": value for kind, values in state.items() for name, value in values.items()}

    def restore(self, tensors):
        for name, value in self.tensors().items():
            value.copy_(tensors[name])

    @torch.no_grad()
    def step(self, number, scale):
        """Step `number`, counted from 0, with its rates times `scale`; clears the gradients."""
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), 1.0)
        for (rows, columns), names in self.shapes.items():
            weights = [self.parameters[name] for name in names]
            momenta = [self.momentum[name] for name in names]
            gradients = [weight.grad for weight in weights]
            torch._foreach_lerp_(momenta, gradients, 0.05)
            ahead = torch._foreach_lerp(gradients, momenta, 0.95)
            rate = self.stage.matrix_rate * scale
            update = orthogonal(torch.stack([matrix.flatten(1) for matrix in ahead]))
            update = update * (0.2 * max(rows, columns) ** 0.5)
            torch._foreach_mul_(weights, 1 - rate * self.stage.weight_decay)
            torch._foreach_add_(
                weights, [matrix.view_as(weight) for matrix, weight in zip(update, weights, strict=True)], alpha=-rate
            )
        self.adamw(number, self.stage.rate * scale)
        for weight in self.parameters.values():
            weight.grad = None

    def adamw(self, number, rate, betas=(0.9, 0.98), eps=1e-8):
        names = [name for name in self.rest if self.parameters[name].grad is not None]
        weights = [self.parameters[name] for name in names]
        first, second = [self.first[name] for name in names], [self.second[name] for name in names]
        gradients = [weight.grad for weight in weights]
        torch._foreach_lerp_(first, gradients, 1 - betas[0])
        torch._foreach_mul_(second, betas[1])
        torch._foreach_addcmul_(second, gradients, gradients, 1 - betas[1])
        denominator = torch._foreach_sqrt(second)
        torch._foreach_div_(denominator, (1 - betas[1] ** (number + 1)) ** 0.5)
        torch._foreach_add_(denominator, eps)
        torch._foreach_mul_(weights, 1 - rate * self.stage.weight_decay)
        torch._foreach_addcdiv_(weights, first, denominator, -rate / (1 - betas[0] ** (number + 1)))


class Average:
    """The exponential moving average of named parameters, which is evaluated and exported."""

    def __init__(self, parameters, decay):
        self.parameters, self.decay = dict(parameters), decay
        self.values = {name: value.detach().clone() for name, value in self.parameters.items()}

    @torch.no_grad()
    def update(self, number):
        """The decay is lower at the start, so that the initial weights are forgotten."""
        decay = min(self.decay, (1 + number) / (10 + number))
        torch._foreach_lerp_(list(self.values.values()), list(self.parameters.values()), 1 - decay)
