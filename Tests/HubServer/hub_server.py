"""A small Hugging Face Hub on loopback, for tests, with faults on demand. Standard library only.

usage: hub_server.py LOG FAULTS [KIND/OWNER/NAME=FOLDER …]

Prints two ports, the Hub's (reached as 127.0.0.1) and its content server's (reached as localhost: another host), then
serves until standard input ends. Every request is a line of JSON in LOG. More repositories can be served from folders.

FAULTS is a JSON list; the first with `times` left whose `at` (a regular expression) is found in "hub PATH" or
"content PATH" befalls the request:
  {"at": …, "times": 1, "do": "status", "status": 503, "headers": {…}}
  "drop"      after `after` bytes of the body the connection ends
  "stall"     after `after` bytes nothing more comes for `seconds`
  "trickle"   `piece` bytes at a time, with `seconds` between
  "corrupt"   the body's last byte is another one
  "longer"    the body is followed by more, and says so
  "whole"     Range is ignored
  "elsewhere" the answer to a Range request starts somewhere else
  "redirect"  to `location`; {content} stands for the content server's address
  "echo"      status 403, whose message repeats the request's Authorization header
  "garbage"   status 200 with `text`
"""

import hashlib
import http.server
import json
import os
import re
import sys
import threading
import time
import urllib.parse

TOKEN = "hf_good"


def noise(name, count):
    """`count` bytes that depend on the name alone."""
    blocks = (hashlib.sha256(f"{name} {i}".encode()).digest() for i in range(count // 32 + 1))
    return b"".join(blocks)[:count]


def commit(name):
    return hashlib.sha1(name.encode()).hexdigest()


def git_blob(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class File:
    def __init__(self, content, large):
        self.content = content
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.large = large
        # Of a large file git holds a pointer.
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(content)}\n"
        self.blob_id = git_blob(pointer.encode() if large else content)

    @property
    def etag(self):
        return self.sha256 if self.large else self.blob_id


def small(text):
    return File(text.encode(), False)


def large(name, count):
    return File(noise(name, count), True)


MODEL = {
    ".gitattributes": small("*.safetensors filter=lfs\n"),
    "README.md": small("# tiny\n"),
    "config.json": small('{"model_type": "gemma3_text"}\n'),
    "generation_config.json": small("{}\n"),
    "tokenizer.json": large("tokenizer", 40_000),
    "tokenizer_config.json": small('{"add_bos_token": true}\n'),
    "special_tokens_map.json": small('{"bos_token": "<bos>"}\n'),
    "model.safetensors.index.json": small(
        '{"metadata": {}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}\n'),
    "model-00001-of-00002.safetensors": large("weights 1", 3_000_000),
    "model-00002-of-00002.safetensors": large("weights 2", 70_000),
    "adapter.safetensors": large("adapter", 1000),
    "pytorch_model.bin": large("pickle", 5000),
    "tiny-q4_0.gguf": large("gguf", 20_000),
    "original/consolidated.safetensors": large("weights", 1000),
    "empty.jsonl": small(""),
}
SCOPE = {
    f"resid_post/layer_{layer}_width_16k_l0_{l0}/{name}": file
    for layer in (9, 17)
    for l0 in ("small", "medium")
    for name, file in {
        "config.json": small(json.dumps({"architecture": "jump_relu", "layer": layer}) + "\n"),
        "params.safetensors": large(f"sae {layer} {l0}", 6000),
        "examples.safetensors": large(f"examples {layer} {l0}", 9000),
    }.items()
}
# Some folders of the real repository have no configuration.
del SCOPE["resid_post/layer_9_width_16k_l0_small/config.json"]
SCOPE["lens/cfg.json"] = small('{"architecture": "jumprelu"}\n')
SCOPE["lens/sae_weights.safetensors"] = large("lens", 4000)

# Repository → revision → (commit, files).
REPOSITORIES = {
    "models/acme/tiny": {
        "main": (commit("tiny 2"), MODEL),
        "v1": (commit("tiny 1"), {"config.json": small("{}\n"), "tokenizer.json": MODEL["tokenizer.json"],
                                  "model.safetensors": MODEL["model-00002-of-00002.safetensors"]}),
        "refs/pr/1": (commit("tiny pr"), MODEL),
        "feature/x": (commit("tiny x"), MODEL),
    },
    "models/acme/scope": {"main": (commit("scope"), SCOPE)},
    "models/acme/gated": {"main": (commit("gated"), MODEL)},
    "models/acme/private": {"main": (commit("private"), MODEL)},
    "datasets/acme/texts": {
        "main": (commit("texts 2"), {"data/part-0.jsonl": small('{"text": "one"}\n'),
                                     "data/größe 1.jsonl": large("part 1", 12_345), "README.md": small("# texts\n")}),
        "v1": (commit("texts 1"), {"data/part-0.jsonl": small('{"text": "older"}\n')}),
    },
}


class Stop(Exception):
    """The connection is to end."""


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name, state):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.state = name, state

    def handle_error(self, request, client_address):
        pass


class State:
    def __init__(self, log, faults, repositories):
        self.log, self.faults, self.repositories = log, faults, repositories
        self.lock = threading.Lock()

    def fault(self, place):
        with self.lock:
            for fault in self.faults:
                if fault.get("times", 1) > 0 and re.search(fault["at"], place):
                    fault["times"] = fault.get("times", 1) - 1
                    return fault
        return {"do": None}

    def note(self, entry):
        with self.lock:
            self.log.write(json.dumps(entry) + "\n")
            self.log.flush()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        state = self.server.state
        place = urllib.parse.unquote(self.path)
        state.note({"server": self.server.name, "method": self.command, "path": place,
                    "host": self.headers.get("Host"), "range": self.headers.get("Range"),
                    "authorization": self.headers.get("Authorization")})
        self.fault = state.fault(f"{self.server.name} {place}")
        kind = self.fault["do"]
        try:
            if kind == "status":
                return self.answer(self.fault["status"], b"no", self.fault.get("headers", {}))
            if kind == "echo":
                return self.refuse(403, "", f"you sent {self.headers.get('Authorization')}")
            if kind == "garbage":
                return self.answer(200, self.fault["text"].encode())
            if kind == "redirect":
                location = self.fault["location"].replace("{content}", self.content_address)
                return self.answer(302, b"", {"Location": location})
            if self.server.name == "content":
                return self.content(self.path.split("?")[0].rsplit("/", 1)[1])
            self.hub(self.path.split("?")[0])
        except (Stop, ConnectionError):
            self.close_connection = True

    @property
    def content_address(self):
        return f"http://localhost:{self.server.content_port}"

    # The Hub

    def hub(self, path):
        if match := re.fullmatch(r"/api/((?:models|datasets)/[^/]+/[^/]+)/revision/([^/]+)", path):
            return self.listing(match[1], urllib.parse.unquote(match[2]))
        if match := re.fullmatch(r"/api/((?:models|datasets)/[^/]+/[^/]+)/tree/([^/]+)", path):
            return self.tree(match[1], urllib.parse.unquote(match[2]))
        if match := re.fullmatch(r"/api/resolve-cache/((?:models|datasets)/[^/]+/[^/]+)/([^/]+)/(.+)", path):
            return self.resolve(match[1], urllib.parse.unquote(match[2]), urllib.parse.unquote(match[3]), False)
        if match := re.fullmatch(r"/(datasets/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            repository = (match[1] or "models/") + match[2]
            return self.resolve(repository, urllib.parse.unquote(match[3]), urllib.parse.unquote(match[4]), True)
        self.refuse(404, "", "no such page")

    def find(self, repository, revision, for_content):
        """(commit, files), or None after an answer."""
        authorization = self.headers.get("Authorization")
        if authorization not in (None, f"Bearer {TOKEN}", "Bearer hf_stranger"):
            return self.refuse(401, "", "Invalid credentials in Authorization header")
        revisions = self.server.state.repositories.get(repository)
        if revisions is None or (repository.endswith("/private") and authorization != f"Bearer {TOKEN}"):
            if authorization is None:
                return self.refuse(401, "RepoNotFound", "Invalid username or password.")
            return self.refuse(404, "RepoNotFound", "Repository not found")
        if for_content and repository.endswith("/gated") and authorization != f"Bearer {TOKEN}":
            return self.refuse(401 if authorization is None else 403, "GatedRepo", "Access to model is restricted.")
        for name, (sha, files) in revisions.items():
            if revision in (name, sha):
                return sha, files
        return self.refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")

    def listing(self, repository, revision):
        if found := self.find(repository, revision, False):
            sha, files = found
            siblings = []
            for path, file in files.items():
                entry = {"rfilename": path, "blobId": file.blob_id, "size": len(file.content)}
                if file.large:
                    entry["lfs"] = {"sha256": file.sha256, "size": len(file.content), "pointerSize": 130}
                siblings.append(entry)
            kind, name = repository.split("/", 1)
            self.answer(200, json.dumps({"_id": "1", "id": name, "sha": sha, "private": False, "tags": [],
                                         "downloads": 0, "likes": 0, "siblings": siblings}).encode(),
                        {"Content-Type": "application/json"})

    def tree(self, repository, revision):
        if found := self.find(repository, revision, False):
            entries = []
            for path, file in found[1].items():
                entry = {"type": "file", "path": path, "oid": file.blob_id, "size": len(file.content)}
                if file.large:
                    entry["lfs"] = {"oid": file.sha256, "size": len(file.content), "pointerSize": 130}
                entries.append(entry)
            self.answer(200, json.dumps(entries).encode(), {"Content-Type": "application/json"})

    def resolve(self, repository, revision, path, redirects):
        if found := self.find(repository, revision, True):
            sha, files = found
            headers = {"X-Repo-Commit": sha}
            file = files.get(path)
            if file is None:
                return self.refuse(404, "EntryNotFound", "Entry not found", headers)
            if file.large:
                location = f"{self.content_address}/xet/{file.sha256}?signature=s"
                headers |= {"X-Linked-Etag": f'"{file.etag}"', "X-Linked-Size": str(len(file.content)), "Location": location}
                return self.answer(302, b"", headers)
            headers["ETag"] = f'"{file.etag}"'
            if redirects:
                # As the Hub does: small files come from an address of its own, named without its host.
                headers |= {"X-Linked-Etag": f'"{file.etag}"', "X-Linked-Size": str(len(file.content)),
                            "Location": f"/api/resolve-cache/{repository}/{sha}/{urllib.parse.quote(path)}"}
                return self.answer(307, b"", headers)
            self.body(file.content, headers)

    def content(self, sha256):
        for revisions in self.server.state.repositories.values():
            for _, files in revisions.values():
                for file in files.values():
                    if file.large and file.sha256 == sha256:
                        return self.body(file.content, {"ETag": f'"{file.etag}"'})
        self.answer(404, b"no such content")

    # Answers

    def refuse(self, status, code, message, headers={}):
        extra = {"X-Error-Message": message} | ({"X-Error-Code": code} if code else {})
        self.answer(status, json.dumps({"error": message}).encode(), headers | extra)

    def answer(self, status, body, headers={}):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self, content, headers):
        fault, kind = self.fault, self.fault["do"]
        if self.command == "HEAD":
            fault = {"do": None}
            kind = None
        start, status = 0, 200
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range") or "")
        if wanted and kind != "whole":
            start, status = int(wanted[1]), 206
            if start >= len(content):
                return self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            if kind == "elsewhere":
                start += 1
            headers = headers | {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        body = content[start:]
        if kind == "corrupt":
            body = body[:-1] + bytes([body[-1] ^ 1])
        if kind == "longer":
            body += b"more"
        self.send_response(status)
        for name, value in (headers | {"Accept-Ranges": "bytes", "Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        if kind in ("drop", "stall"):
            self.wfile.write(body[:fault["after"]])
            self.wfile.flush()
            time.sleep(fault.get("seconds", 0))
            raise Stop
        if kind == "trickle":
            for at in range(0, len(body), fault["piece"]):
                self.wfile.write(body[at:at + fault["piece"]])
                time.sleep(fault["seconds"])
            return
        self.wfile.write(body)


def from_folder(folder):
    files = {}
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(root, name)
            with open(path, "rb") as opened:
                files[os.path.relpath(path, folder)] = File(opened.read(), name.endswith((".safetensors", ".gguf")))
    return {"main": (commit(folder), files)}


def start(log, faults=(), more=()):
    """Both servers, running: (the Hub's port, the content server's)."""
    repositories = REPOSITORIES | {name: from_folder(folder) for name, folder in (pair.split("=", 1) for pair in more)}
    state = State(log, list(faults), repositories)
    hub, content = Server("hub", state), Server("content", state)
    hub.content_port = content.content_port = content.server_port
    for server in (hub, content):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    return hub.server_port, content.server_port


if __name__ == "__main__":
    print(*start(open(sys.argv[1], "w"), json.loads(sys.argv[2]), sys.argv[3:]), flush=True)
    sys.stdin.read()
