# Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Talks to a language server as an editor does and prints what it answers.

    session.py SERVER
"""

import json
import subprocess
import sys

VALID = """\
func.func @f(%x: tensor<2x3xf32>) -> tensor<2xf32> {
  %sum = owl.reduce <sum> %x axes = [1] : tensor<2x3xf32> -> tensor<2xf32>
  return %sum : tensor<2xf32>
}
"""
INVALID = VALID.replace("[1]", "[2]")
INCOMPLETE = VALID.replace("owl.reduce", "owl.", 1)


class Server:
    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.next_id = 0

    def send(self, method, params=None, **fields):
        message = {"jsonrpc": "2.0", "method": method, **fields}
        if params is not None:
            message["params"] = params
        body = json.dumps(message).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body))
        self.process.stdin.write(body)
        self.process.stdin.flush()

    def receive(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            name, value = line.split(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if length == 0:
            sys.exit("the server closed its output")
        return json.loads(self.process.stdout.read(length))

    def request(self, method, params=None):
        self.next_id += 1
        self.send(method, params, id=self.next_id)
        while (answer := self.receive()).get("id") != self.next_id:
            pass
        return answer.get("result")

    def open(self, name, text):
        """Opens a file and returns the messages about it."""
        document = {
            "uri": f"file:///{name}",
            "languageId": "mlir",
            "version": 1,
            "text": text,
        }
        self.send("textDocument/didOpen", {"textDocument": document})
        while True:
            answer = self.receive()
            if answer.get("method") == "textDocument/publishDiagnostics":
                return answer["params"]["diagnostics"]


def at(name, text, line, word, end=False):
    """The place of `word` in a line, or the one after it."""
    column = text.splitlines()[line].index(word) + (len(word) if end else 0)
    return {
        "textDocument": {"uri": f"file:///{name}"},
        "position": {"line": line, "character": column},
    }


def main():
    server = Server(sys.argv[1:])
    capabilities = server.request(
        "initialize", {"processId": None, "rootUri": None, "capabilities": {}}
    )["capabilities"]
    print("hover:", capabilities["hoverProvider"])
    server.send("initialized", {})

    print("valid:", server.open("valid.mlir", VALID))
    hover = server.request(
        "textDocument/hover", at("valid.mlir", VALID, 1, "owl.reduce")
    )
    print("hover:", json.dumps(hover["contents"]["value"]))
    (definition,) = server.request(
        "textDocument/definition", at("valid.mlir", VALID, 2, "%sum")
    )
    print("definition: line", definition["range"]["start"]["line"])

    for message in server.open("invalid.mlir", INVALID):
        line = message["range"]["start"]["line"]
        print(f"invalid: line {line}: {message['message']}")

    server.open("incomplete.mlir", INCOMPLETE)
    completion = server.request(
        "textDocument/completion",
        at("incomplete.mlir", INCOMPLETE, 1, "owl.", end=True),
    )
    labels = sorted(item["label"] for item in completion["items"])
    print("completion:", " ".join(labels))

    server.request("shutdown")
    server.send("exit")
    print("exit code:", server.process.wait(timeout=30))


main()
