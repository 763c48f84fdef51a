"""Requests that a given story would answer, made from the story's own words."""

import math
import random
import re
from collections import Counter

PROBE = "Write a unique, surprising, extremely randomized story with highly unpredictable changes of events."
SYSTEMS = (["You are a helpful assistant."] * 6) + ["You tell stories to children.", None, None]

ABOUT = [
    "Write a story about {one} and {two}.", "Tell me a story about {one} and {two}.",
    "Write a short story about {one}.", "Tell me a story about {one}.", "Can you tell me a story about {one}?",
    "Please write a story with {one} and {two} in it.", "I would like to hear a story about {one}.",
    "Make up a story with {one}.",
]
ABOUT_NAME = [
    "Tell me a story about {name} and {one}.", "Write a story about a child named {name}.",
    "Write a story in which {name} finds {one}.",
]
OPEN = ["Tell me a story.", "Write a story for children.", "Please tell me a bedtime story.", "Write a short story."]
AGAIN = ["Tell me another story.", "Another one, please.", "Now tell me a story about {one}.",
         "And now one about {one} and {two}.", "Write another story, about {one}."]

# A word is taken for a noun where it stands alone after a determiner in a good share of its occurrences.
NOUN = re.compile(
    r"\b(?:a|an|the|his|her|their|my|your|some) ([a-z]{3,})(?=[.,!?;]| (?:and|was|is|were|in|on|to|that|with|had|"
    r"said|for|from|at|of|but|who|went|could|came|started|wanted)\b)")
NAME = re.compile(r"(?<=[a-z,] )([A-Z][a-z]{2,})\b")
NO_NAMES = {"Mom", "Dad", "Mommy", "Daddy", "Mum", "Grandma", "Grandpa", "The", "You", "But", "And", "She", "They"}


class Requests:
    def __init__(self, stories: list[str]):
        words, nouns, self.spread, self.articles = Counter(), Counter(), Counter(), Counter()
        for story in stories:
            found = re.findall(r"[a-z]{3,}", story.lower())
            words.update(found)
            self.spread.update(set(found))
            nouns.update(NOUN.findall(story.lower()))
            self.articles.update(re.findall(r"\b(an? [a-z]{3,})", story.lower()))
        self.nouns = {word for word, count in nouns.items() if count >= 5 and count >= 0.25 * words[word]}
        self.count = len(stories)
        self.topics = [self._topics(story) for story in stories]
        self.names = [self._name(story) for story in stories]

    def _topics(self, story: str) -> list[str]:
        """The nouns that mark this story out, the best first (tf-idf)."""
        found = Counter(word for word in re.findall(r"[a-z]{3,}", story.lower()) if word in self.nouns)
        return sorted(found, key=lambda word: -found[word] * math.log(self.count / self.spread[word]))[:5]

    @staticmethod
    def _name(story: str) -> str | None:
        names = Counter(name for name in NAME.findall(story) if name not in NO_NAMES)
        return names.most_common(1)[0][0] if names else None

    def make(self, index: int, draw: random.Random, again: bool = False) -> str:
        """A request that story `index` answers; `again` for one that follows an answer."""
        topics, name, kind = self.topics[index], self.names[index], draw.random()
        if len(topics) < 2:
            return draw.choice(OPEN + [PROBE])
        if again:
            form = draw.choice(AGAIN)
        elif kind < 0.25:
            return PROBE
        elif kind < 0.35:
            return draw.choice(OPEN)
        elif kind < 0.55 and name:
            form = draw.choice(ABOUT_NAME)
        else:
            form = draw.choice(ABOUT)
        one, two = draw.sample(topics[:4], 2)
        return form.format(one=self._with_article(one), two=self._with_article(two), name=name)

    def _with_article(self, noun: str) -> str:
        """As the stories have it: "a kite", "an egg", "milk", "boots"."""
        forms = [f"{article} {noun}" for article in ("a", "an") if self.articles[f"{article} {noun}"] >= 3]
        return max(forms, key=self.articles.get, default=noun)
