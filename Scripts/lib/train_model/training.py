"""The loop: steps, progress, evaluations, and a state on disk from which it goes on."""

import copy
import dataclasses
import random
import signal
import statistics
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from .documents import IGNORED, Batch, Documents
from .evaluation import held_out
from .export import write_model
from .failure import Failure
from .model import Decoder
from .recipe import Recipe
from .routing import Limits
from .schedule import Optimizers

REPORT_EVERY = 20
SAVE_EVERY = 100


class Stopped(Exception):
    """A signal asked for an end; the state is saved."""

    def __init__(self, number: int):
        super().__init__(f"signal {number}")
        self.number = number


class Training:
    def __init__(self, recipe: Recipe, documents: Documents, held_out_ids: list[list[int]], folder: Path):
        torch.manual_seed(recipe.seed)
        self.recipe, self.documents, self.held_out_ids, self.folder = recipe, documents, held_out_ids, folder
        self.model = Decoder(recipe, documents.tokenizer.get_vocab_size())
        self.averaged = copy.deepcopy(self.model)
        self.optimizers = Optimizers(self.model, recipe)
        self.step = self.tokens = 0
        self.turn, self.place = 0, 0  # pass over the text, batch of the pass
        self.curve: list[dict] = []
        self.changes: list[str] = []  # what resumed runs set otherwise than the runs before them
        self.best = float("inf")
        self.recent: list[tuple] = []  # loss, dropped, tokens, seconds of the steps since the last report
        self.seconds: list[float] = []
        self.stop_signal = 0

    @property
    def state_path(self) -> Path:
        return self.folder / "training-state.pt"

    def run(self) -> None:
        """Trains to the last step. Raises Stopped after SIGINT or SIGTERM, with the state saved."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note_signal)
        batches = self.documents.batches(self.turn)
        while self.step < self.recipe.steps:
            if self.place == len(batches):
                self.turn, self.place = self.turn + 1, 0
                batches = self.documents.batches(self.turn)
            self._train_on(batches[self.place])
            self.place += 1
            self._after_step()
            if self.stop_signal:
                self.save()
                raise Stopped(self.stop_signal)

    def _note_signal(self, number, _frame) -> None:
        self.stop_signal = number

    def _train_on(self, batch: Batch) -> None:
        start = time.monotonic()
        # Drawn from the step's number, so that a resumed run draws as an unbroken one.
        torch.manual_seed(self.recipe.seed * 1_000_003 + self.step)
        self.model.train()
        hidden, routing = self.model(batch.tokens, batch.is_token, self._limits(batch))
        counts = batch.targets != IGNORED
        loss = F.cross_entropy(self.model.logits(hidden[counts]), batch.targets[counts])
        goal = loss
        if routing:
            goal = loss + self.recipe.balance_weight * routing.balance + self.recipe.router_z_weight * routing.router_z
        if not torch.isfinite(goal):
            raise Failure(70, f"The loss is {goal.item()} at step {self.step}. Lower the rates with --set.")
        goal.backward()
        self.optimizers.step(self.step)
        self._average()
        tokens = int(batch.is_token.sum())
        self.step, self.tokens = self.step + 1, self.tokens + tokens
        self.recent.append((loss.item(), routing.dropped if routing else 0.0, tokens))
        self.seconds = (self.seconds + [time.monotonic() - start])[-50:]

    def _limits(self, batch: Batch) -> Limits:
        """A capacity for the batch, and for some rows a share of assignments that are lost at random."""
        if not self.recipe.is_sparse:
            return Limits()
        draw = random.Random(f"{self.recipe.seed}/{self.step}")
        shares = [draw.uniform(0, self.recipe.highest_barred) if draw.random() < self.recipe.barred_rows else 0.0
                  for _ in range(len(batch.tokens))]
        barred = torch.tensor(shares)[:, None].expand(batch.tokens.shape)[batch.is_token]
        return Limits(draw.uniform(self.recipe.lowest_capacity, self.recipe.highest_capacity), barred)

    @torch.no_grad()
    def _average(self) -> None:
        # Young averages forget faster, lest they remember the first random weights.
        keep = min(self.recipe.averaging, self.step / (self.step + 10))
        torch._foreach_lerp_(list(self.averaged.parameters()), list(self.model.parameters()), 1 - keep)

    def _after_step(self) -> None:
        if self.step % REPORT_EVERY == 0:
            self._report()
        if self.step % self.recipe.evaluate_every == 0 or self.step == self.recipe.steps:
            self._evaluate()
        if self.step % SAVE_EVERY == 0:
            self.save()

    def _report(self) -> None:
        losses, dropped, tokens = (statistics.fmean(column) for column in zip(*self.recent))
        pace = statistics.median(self.seconds)
        left = (self.recipe.steps - self.step) * pace / 60
        drops = f"  {dropped:6.1%} dropped" if self.recipe.is_sparse else ""
        print(f"step {self.step:5} of {self.recipe.steps}  loss {losses:.3f}{drops}  {self.tokens / 1e6:5.2f} M tokens"
              f"  {tokens / pace:5.0f} tokens/s  {left:3.0f} min left", flush=True)
        self.curve.append({"step": self.step, "tokens": self.tokens, "loss": losses, "dropped": dropped})
        self.recent.clear()

    def _evaluate(self) -> None:
        """Writes the averaged weights out where they are the best yet."""
        loss, _ = held_out(self.averaged, self.held_out_ids)
        self.curve.append({"step": self.step, "tokens": self.tokens, "held_out": loss})
        is_best = loss < self.best
        print(f"step {self.step:5}  held-out loss {loss:.4f}{', the best yet' if is_best else ''}", flush=True)
        if is_best:
            self.best = loss
            write_model(self.averaged, self.folder)

    def save(self) -> None:
        partial = self.state_path.with_suffix(".partial")
        torch.save({
            "recipe": dataclasses.asdict(self.recipe), "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(), "optimizers": self.optimizers.state(), "step": self.step,
            "tokens": self.tokens, "turn": self.turn, "place": self.place, "curve": self.curve, "best": self.best,
            "changes": self.changes,
        }, partial)
        partial.replace(self.state_path)

    def load(self) -> None:
        try:
            state = torch.load(self.state_path)
        except Exception as error:
            raise Failure(65, f"{self.state_path} cannot be read: {error}") from None
        if Recipe(**state["recipe"]).shape != self.recipe.shape:
            raise Failure(65, f"{self.state_path} is of a model of another shape; give the preset and --set it had.")
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizers.load(state["optimizers"])
        for name in ("step", "tokens", "turn", "place", "curve", "best", "changes"):
            setattr(self, name, state[name])
        for name, value in dataclasses.asdict(self.recipe).items():
            if state["recipe"][name] != value:
                self.changes.append(f"From step {self.step} on `{name}` was {value}, {state['recipe'][name]} before.")
