"""Makes calls with openai 0.27.8: one JSON object a line in, one JSON object a line out."""

import json
import sys

import openai

METHODS = {"chat": openai.ChatCompletion.create, "completion": openai.Completion.create}


def main() -> None:
    openai.api_base, openai.api_key = sys.argv[1], "unused"
    for line in sys.stdin:
        call = json.loads(line)
        print(json.dumps(answer(call["method"], call["arguments"])), flush=True)


def answer(method: str, arguments: dict) -> dict:
    try:
        if method == "models":
            return {"models": [model["id"] for model in openai.Model.list()["data"]]}
        result = METHODS[method](**arguments)
        if arguments.get("stream"):
            return {"chunks": [chunk.to_dict_recursive() for chunk in result]}
        return {"response": result.to_dict_recursive()}
    except openai.error.OpenAIError as error:
        body = error.json_body if isinstance(error.json_body, dict) else {}
        return {
            "error": {
                **body.get("error", {}),
                "class": type(error).__name__,
                "status": error.http_status,
                "request_id": error.request_id,
            }
        }


main()
