"""What a client may ask for beside a completion: every parameter does what it says."""

import base64
import json
import math
import struct

STORY = "Once upon a time, there was a little girl named"


def complete(server, **parameters):
    body = {"model": "davinci", "prompt": STORY, "temperature": 0, "max_tokens": 12, **parameters}
    response = server.http.post("/v1/completions", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_echo_puts_the_prompt_before_the_completion(server):
    plain, echoed = complete(server), complete(server, echo=True)
    assert echoed["choices"][0]["text"] == STORY + plain["choices"][0]["text"]
    assert echoed["usage"] == plain["usage"]


def test_echo_with_logprobs_scores_the_prompt(server):
    choice = complete(server, echo=True, logprobs=2)["choices"][0]
    logprobs = choice["logprobs"]
    assert "".join(logprobs["tokens"]) == choice["text"]
    assert logprobs["token_logprobs"][0] is None and logprobs["top_logprobs"][0] is None
    assert all(value <= 0 for value in logprobs["token_logprobs"][1:])
    offsets = [sum(map(len, logprobs["tokens"][:index])) for index in range(len(logprobs["tokens"]))]
    assert logprobs["text_offset"] == offsets


def test_scoring_generates_nothing(server):
    answer = complete(server, echo=True, logprobs=1, max_tokens=0)
    assert answer["choices"][0]["text"] == STORY
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 0
    whole = complete(server, echo=True, logprobs=1)
    scored = answer["choices"][0]["logprobs"]["token_logprobs"]
    assert whole["choices"][0]["logprobs"]["token_logprobs"][:len(scored)] == scored


def test_a_completion_scores_as_it_was_generated(server):
    """The log-probabilities of generated tokens are those that scoring the whole text gives."""
    generated = complete(server, logprobs=0, return_token_ids=True)["choices"][0]
    tokens = generated["prompt_token_ids"] + generated["token_ids"]
    scored = complete(server, prompt=tokens, echo=True, logprobs=0, max_tokens=0)["choices"][0]
    assert scored["logprobs"]["token_logprobs"][-12:] == generated["logprobs"]["token_logprobs"]


def test_a_stream_echoes_the_same(server):
    with server.http.stream("POST", "/v1/completions", json={
            "model": "davinci", "prompt": STORY, "temperature": 0, "max_tokens": 12, "echo": True, "logprobs": 1,
            "stream": True}) as response:
        text = "".join(response.iter_text())
    chunks = [json.loads(frame[6:]) for frame in text.split("\n\n") if frame and frame != "data: [DONE]"]
    whole = complete(server, echo=True, logprobs=1)["choices"][0]
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == whole["text"]
    reported = [chunk["choices"][0]["logprobs"] for chunk in chunks if chunk["choices"][0]["logprobs"]]
    assert sum((report["tokens"] for report in reported), []) == whole["logprobs"]["tokens"]


def test_best_of_returns_the_likeliest(server):
    common = {"temperature": 1, "seed": 11, "logprobs": 0, "max_tokens": 8, "ignore_eos": True}
    every = complete(server, n=6, **common)["choices"]

    def mean(choice):
        return sum(choice["logprobs"]["token_logprobs"]) / len(choice["logprobs"]["token_logprobs"])

    best = complete(server, best_of=6, n=2, **common)
    expected = sorted(every, key=mean, reverse=True)[:2]
    assert [choice["text"] for choice in best["choices"]] == [choice["text"] for choice in expected]
    assert [choice["index"] for choice in best["choices"]] == [0, 1]
    assert best["usage"]["completion_tokens"] == 48


def test_penalties_end_repetition(server):
    plain = complete(server, max_tokens=60, return_token_ids=True, ignore_eos=True)["choices"][0]["token_ids"]
    varied = complete(
        server, max_tokens=60, return_token_ids=True, ignore_eos=True, frequency_penalty=2,
        presence_penalty=2)["choices"][0]["token_ids"]
    assert len(set(varied)) > len(set(plain))
    again = complete(server, max_tokens=60, return_token_ids=True, repetition_penalty=100)["choices"][0]
    assert len(set(again["token_ids"])) == len(again["token_ids"])


def test_no_end_comes_before_min_tokens(server):
    # The end token, made all but certain.
    ends = {"logit_bias": {"50256": 100}, "max_tokens": 9}
    assert complete(server, **ends)["usage"]["completion_tokens"] == 0
    answer = complete(server, min_tokens=5, **ends)
    assert answer["usage"]["completion_tokens"] == 5
    assert answer["choices"][0]["finish_reason"] == "stop"


def test_token_ids_are_those_of_the_tokenizer(server):
    choice = complete(server, return_token_ids=True)["choices"][0]
    prompt = server.http.post("/tokenize", json={"model": "davinci", "prompt": STORY}).json()
    assert choice["prompt_token_ids"] == prompt["tokens"]
    assert prompt["count"] == len(prompt["tokens"]) and prompt["max_model_len"] >= 256
    text = server.http.post("/detokenize", json={"model": "davinci", "tokens": choice["token_ids"]}).json()
    assert text["prompt"] == choice["text"]


def test_a_chat_is_tokenized_as_it_is_prompted(server):
    messages = [{"role": "user", "content": "Tell me a story."}]
    tokens = server.http.post(
        "/tokenize", json={"model": "gpt-4", "messages": messages, "return_token_strs": True}).json()
    answer = server.http.post("/v1/chat/completions", json={
        "model": "gpt-4", "messages": messages, "max_tokens": 2, "return_token_ids": True}).json()
    assert answer["prompt_token_ids"] == tokens["tokens"]
    assert len(answer["choices"][0]["token_ids"]) == 2
    assert answer["usage"]["prompt_tokens"] == tokens["count"] == len(tokens["token_strs"])


def test_prompt_logprobs_are_objects_by_token_id(server):
    choice = complete(server, prompt_logprobs=3, return_token_ids=True)["choices"][0]
    first, *rest = choice["prompt_logprobs"]
    assert first is None
    for token, entry in zip(choice["prompt_token_ids"][1:], rest, strict=True):
        assert 3 <= len(entry) <= 4
        mine = entry[str(token)]
        assert set(mine) == {"logprob", "rank", "decoded_token"}
        assert mine["rank"] == 1 + sum(other["logprob"] > mine["logprob"] for other in entry.values()) or len(entry) == 4


def embed(server, **parameters):
    response = server.http.post("/v1/embeddings", json={"model": "davinci", **parameters})
    assert response.status_code == 200, response.text
    return response.json()


def test_embeddings_are_vectors_of_length_one(server):
    answer = embed(server, input=["A cat sat on a mat.", "A cat sat on the mat.", "Rockets fly to the moon!"])
    vectors = [entry["embedding"] for entry in answer["data"]]
    assert all(math.isclose(sum(x * x for x in vector), 1, rel_tol=1e-5) for vector in vectors)
    near, far = (sum(a * b for a, b in zip(vectors[0], other)) for other in vectors[1:])
    assert near > far
    assert [entry["index"] for entry in answer["data"]] == [0, 1, 2]
    assert answer["usage"]["prompt_tokens"] == answer["usage"]["total_tokens"] > 10


def test_embeddings_in_base64_are_the_same_floats(server):
    floats = embed(server, input="A cat.")["data"][0]["embedding"]
    packed = base64.b64decode(embed(server, input="A cat.", encoding_format="base64")["data"][0]["embedding"])
    assert packed == struct.pack(f"<{len(floats)}f", *floats)


def test_an_embedding_does_not_depend_on_its_company(server):
    alone = embed(server, input="A cat.", model="gpt-4:per-sequence")["data"][0]
    many = embed(server, input=["A cat."] + ["Dogs run."] * 20, model="gpt-4:per-sequence")["data"][0]
    assert alone == many


def test_top_k_and_min_p_leave_the_likeliest(server):
    greedy = complete(server)["choices"][0]["text"]
    assert complete(server, temperature=2, top_k=1)["choices"][0]["text"] == greedy
    assert complete(server, temperature=2, min_p=1)["choices"][0]["text"] == greedy
    assert complete(server, temperature=2, seed=1, top_k=-1)["choices"][0]["text"] != greedy


def test_a_stop_token_ends_the_completion_before_it(server):
    whole = complete(server, return_token_ids=True)["choices"][0]
    stop = whole["token_ids"][5]
    index = whole["token_ids"].index(stop)
    stopped = complete(server, return_token_ids=True, stop_token_ids=[stop])["choices"][0]
    assert stopped["token_ids"] == whole["token_ids"][:index]
    assert stopped["finish_reason"] == "stop"
    # It is the model's own end that is ignored, not the client's.
    assert complete(server, return_token_ids=True, stop_token_ids=[stop], ignore_eos=True)["choices"][0] == stopped


def test_a_stop_string_may_be_part_of_the_completion(server):
    text = complete(server)["choices"][0]["text"]
    stop = text[8:12]
    end = text.index(stop)
    assert complete(server, stop=stop)["choices"][0]["text"] == text[:end]
    kept = complete(server, stop=stop, include_stop_str_in_output=True)["choices"][0]
    assert kept["text"] == text[:end] + stop
    assert kept["finish_reason"] == "stop"


def test_tokens_may_be_called_by_their_ids(server):
    choice = complete(server, logprobs=2, return_token_ids=True, return_tokens_as_token_ids=True)["choices"][0]
    assert choice["logprobs"]["tokens"] == [f"token_id:{token}" for token in choice["token_ids"]]
    assert all(name.startswith("token_id:") for top in choice["logprobs"]["top_logprobs"] for name in top)
    plain = complete(server, logprobs=2)["choices"][0]["logprobs"]
    assert choice["logprobs"]["text_offset"] == plain["text_offset"]


def test_prompts_of_different_salts_share_nothing(server):
    prompt = list(range(300, 420))

    def cached(salt):
        answer = complete(server, prompt=prompt, cache_salt=salt)
        return answer["usage"]["prompt_tokens_details"]["cached_tokens"], answer["choices"][0]["text"]

    first, again, other, plain = cached("a"), cached("a"), cached("b"), cached(None)
    assert (first[0], again[0], other[0], plain[0]) == (0, 112, 0, 0)
    assert first[1] == again[1] == other[1] == plain[1]


def test_every_chunk_may_tell_the_usage(server):
    with server.http.stream("POST", "/v1/completions", json={
            "model": "davinci", "prompt": STORY, "temperature": 0, "max_tokens": 12, "stream": True,
            "stream_options": {"include_usage": True, "continuous_usage_stats": True}}) as response:
        text = "".join(response.iter_text())
    chunks = [json.loads(frame[6:]) for frame in text.split("\n\n") if frame and frame != "data: [DONE]"]
    counts = [chunk["usage"]["completion_tokens"] for chunk in chunks]
    assert counts == sorted(counts) and counts[0] == 1 and counts[-1] == 12
    assert {chunk["usage"]["prompt_tokens"] for chunk in chunks} == {complete(server)["usage"]["prompt_tokens"]}
    assert chunks[-1]["choices"] == []


def test_a_response_may_go_on_past_its_end(server):
    answer = server.http.post("/v1/responses", json={
        "model": "gpt-4", "input": "Say one word.", "max_output_tokens": 400, "ignore_eos": True}).json()
    assert answer["status"] == "incomplete" and answer["usage"]["output_tokens"] == 400
