"""Makes calls with openai 1 and newer: one JSON object a line in, one JSON object a line out."""

import json
import sys

import openai


def main() -> None:
    client = openai.OpenAI(base_url=sys.argv[1], api_key="unused", max_retries=0)
    for line in sys.stdin:
        call = json.loads(line)
        print(json.dumps(answer(client, call["method"], call["arguments"])), flush=True)


def answer(client: openai.OpenAI, method: str, arguments: dict) -> dict:
    try:
        if method == "models":
            return {"models": [model.id for model in client.models.list()]}
        create = client.chat.completions.create if method == "chat" else client.completions.create
        result = create(**arguments)
        if arguments.get("stream"):
            return {"chunks": [chunk.model_dump() for chunk in result]}
        return {"response": result.model_dump()}
    except openai.APIStatusError as error:
        return {
            "error": {
                "message": error.body.get("message") if isinstance(error.body, dict) else None,
                "type": error.type,
                "param": error.param,
                "code": error.code,
                "class": type(error).__name__,
                "status": error.status_code,
                "request_id": error.request_id,
            }
        }


main()
