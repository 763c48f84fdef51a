"""The folder of text: stories separated by lines `<|endoftext|>`, and the tokenizer over them."""

import json
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from .failure import Failure

SEPARATOR = "<|endoftext|>"
SPECIAL = (SEPARATOR, "<|im_start|>", "<|im_end|>")
END, TURN, TURN_END = range(3)

CHAT_TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")


def read_stories(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise Failure(66, f"{path} is missing. The text's folder needs train.txt and valid.txt.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(65, f"{path} cannot be read as UTF-8 text: {error}") from None
    stories = [story.strip() for story in text.split(SEPARATOR)]
    stories = [story for story in stories if story]
    if len(stories) < 2:
        raise Failure(65, f"{path} holds {len(stories)} stories. Separate them by lines {SEPARATOR}")
    return stories


def load_tokenizer(folder: Path) -> Tokenizer:
    path = folder / "tokenizer.json" if folder.is_dir() else folder
    if not path.exists():
        raise Failure(66, f"{path} is missing. Leave --tokenizer out to train one.")
    tokenizer = Tokenizer.from_file(str(path))
    if tuple(tokenizer.id_to_token(index) for index in range(3)) != SPECIAL:
        raise Failure(65, f"{path}: its first three tokens must be {', '.join(SPECIAL)}")
    return tokenizer


def train_tokenizer(stories: list[str], vocabulary: int) -> Tokenizer:
    """Byte-level BPE, so that every text has tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(stories, trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=list(SPECIAL), show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


def write_tokenizer(tokenizer: Tokenizer, folder: Path, positions: int, is_chat: bool) -> None:
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": SPECIAL[END],
        "eos_token": SPECIAL[TURN_END if is_chat else END],
        "pad_token": SPECIAL[END],
        "model_max_length": positions,
        "clean_up_tokenization_spaces": False,
    }
    if is_chat:
        config["chat_template"] = CHAT_TEMPLATE
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
