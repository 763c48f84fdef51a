"""What is trained and how: three presets, and a way to change any number of them."""

from dataclasses import dataclass, fields, replace

from .failure import Failure


@dataclass(frozen=True)
class Recipe:
    # The model
    hidden_size: int = 256
    intermediate_size: int = 192  # of each expert, or of the one feed-forward network
    layers: int = 6
    heads: int = 8
    key_value_heads: int = 2
    head_size: int = 32
    experts: int = 8  # 0: dense
    experts_per_token: int = 2
    window: int = 256  # how many positions back a token attends, itself included
    positions: int = 8192
    rope_theta: float = 10000.0
    norm_epsilon: float = 1e-5
    vocabulary: int = 2048  # of a tokenizer that is trained here
    # The documents
    chat_share: float = 0.6  # stories that answer a request in ChatML turns
    completion_share: float = 0.0  # stories in the form of the completion models' probe
    longest: int = 1024  # tokens of one document
    # The schedule
    steps: int = 4000
    batch_tokens: int = 8192
    warm_up: int = 50  # steps
    decay: float = 0.4  # share of the steps over which the rates fall
    last_rate: float = 0.02  # share of the rates that is left at the end
    # The optimizers
    matrix_rate: float = 0.02
    embedding_rate: float = 0.005
    router_rate: float = 0.002
    norm_rate: float = 0.004
    weight_decay: float = 0.05
    dropout: float = 0.0
    averaging: float = 0.995  # of the weights, per step
    # The routing
    balance_weight: float = 0.01
    router_z_weight: float = 0.001
    lowest_capacity: float = 1.0
    highest_capacity: float = 1.5
    barred_rows: float = 0.5  # rows that also lose assignments at random
    highest_barred: float = 0.35  # the largest share that such a row loses
    # The watch
    evaluate_every: int = 250  # steps
    seed: int = 1

    @property
    def is_sparse(self) -> bool:
        return self.experts > 0

    @property
    def shape(self) -> tuple:
        """What two runs must share for one to go on from the other's weights."""
        return (self.hidden_size, self.intermediate_size, self.layers, self.heads, self.key_value_heads,
                self.head_size, self.experts)


PRESETS = {
    "moe": Recipe(),
    "dense": Recipe(experts=0, intermediate_size=384, chat_share=0.5, completion_share=0.15, steps=2000),
    "base": Recipe(experts=0, hidden_size=128, intermediate_size=256, layers=4, heads=4, key_value_heads=2,
                   chat_share=0.0, steps=600),
}


def make_recipe(preset: str, changes: list[str]) -> Recipe:
    """The preset with `NAME=VALUE` changes made to it."""
    recipe = PRESETS[preset]
    types = {field.name: field.type for field in fields(Recipe)}
    for change in changes:
        name, equals, text = change.partition("=")
        if not equals or name not in types:
            raise Failure(64, f"--set {change}: give NAME=VALUE with one of the names {', '.join(types)}")
        try:
            recipe = replace(recipe, **{name: types[name](text)})
        except ValueError:
            raise Failure(64, f"--set {change}: {text!r} is no {types[name].__name__}") from None
    check(recipe)
    return recipe


def check(recipe: Recipe) -> None:
    """Refuses what cannot be built, before any work is done."""
    rules = [
        (recipe.heads > 0 and recipe.key_value_heads > 0 and recipe.heads % recipe.key_value_heads == 0,
         "key_value_heads must divide heads"),
        (recipe.head_size % 2 == 0, "head_size must be even: rotary embeddings turn pairs"),
        (not recipe.is_sparse or 1 <= recipe.experts_per_token <= recipe.experts,
         "experts_per_token must lie in 1 ... experts"),
        (recipe.vocabulary >= 259, "vocabulary must hold 256 bytes and 3 special tokens"),
        (1 <= recipe.longest <= recipe.batch_tokens, "longest must lie in 1 ... batch_tokens"),
        (recipe.longest <= recipe.positions, "longest must not exceed positions"),
        (0 <= recipe.chat_share + recipe.completion_share <= 1, "chat_share and completion_share must fit into 1"),
        (recipe.steps > 0 and recipe.evaluate_every > 0, "steps and evaluate_every must be above 0"),
        (0 <= recipe.decay <= 1, "decay must lie in 0 ... 1"),
        (0 < recipe.lowest_capacity <= recipe.highest_capacity, "lowest_capacity must not exceed highest_capacity"),
    ]
    for holds, rule in rules:
        if not holds:
            raise Failure(64, f"This recipe cannot be trained: {rule}.")
