"""What huggingface_hub makes of references, environment variables and downloads.

usage: HF_HUB_DISABLE_XET=1 hub.py OUTPUT_FOLDER   (needs no network: a Hub of Tests/HubServer runs on loopback)
  references.json   hf:// references: kind, name, revision, path, or null where parse_hf_uri refuses
  environment.json  sets of variables, and the cache, token file and offline mode that they lead to
  cache.json        the cache after some downloads: every file with size and SHA-256, every link with its target
Made with huggingface_hub 2.4.0. No seeds.
"""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

REFERENCES = """
hf://google/gemma-3-4b-pt
hf://google/gemma-3-4b-pt/
hf://models/google/gemma-3-4b-pt
hf://google/gemma-3-4b-pt@main
hf://google/gemma-3-4b-pt@cc012e0a6d0787b4adcc0fa2c4da74402494554d
hf://google/gemma-scope-2-4b-pt@main/resid_post/layer_17_width_16k_l0_medium
hf://google/gemma-scope-2-4b-pt/resid_post/layer_17_width_16k_l0_medium/
hf://datasets/monology/pile-uncopyrighted@refs/convert/parquet/default/train/0000.parquet
hf://datasets/monology/pile-uncopyrighted@refs/pr/12
hf://datasets/owner/name@feature%2Fx/data/a.jsonl
hf://datasets/owner/name@v1.0/data/a@b.jsonl
hf://owner/name/file@1.txt
hf://owner/name@
hf://owner/name@/file
hf://owner
hf://
hf://owner//file
hf://owner/name//file
hf://owner/na me
hf://owner/na--me
hf://owner/na..me
hf://owner/name.git
hf://-owner/name
hf://owner/name-
hf://own_er/na.me_1
hf://owner@main/name
hf://@main
hf://model/owner/name
hf://dataset/owner/name
hf://datasets
hf://datasets/owner
hf://datasets/owner/name
owner/name
http://owner/name
hf:/owner/name
hf://owner/name@a%20b/c
hf://größe/name
""".split("\n")[1:-1]

ENVIRONMENTS = [
    {},
    {"HF_HOME": "/big/hf"},
    {"HF_HOME": "~/hf"},
    {"HF_HOME": "$BASE/hf", "BASE": "/base"},
    {"HF_HOME": "${BASE}/hf/$NOT_SET", "BASE": "/base"},
    {"XDG_CACHE_HOME": "/xdg"},
    {"XDG_CACHE_HOME": "/xdg", "HF_HOME": "/big/hf"},
    {"HUGGINGFACE_HUB_CACHE": "/old/cache"},
    {"HUGGINGFACE_HUB_CACHE": "/old/cache", "HF_HUB_CACHE": "/new/cache", "HF_HOME": "/big/hf"},
    {"HF_HUB_CACHE": "~/cache"},
    {"HF_TOKEN_PATH": "/secrets/token"},
    {"HF_HUB_OFFLINE": "1"},
    {"HF_HUB_OFFLINE": "true"},
    {"HF_HUB_OFFLINE": "0"},
    {"TRANSFORMERS_OFFLINE": "yes"},
    {"HF_ENDPOINT": "http://127.0.0.1:1/"},
]


def references():
    from huggingface_hub.utils import parse_hf_uri

    found = {}
    for text in REFERENCES:
        try:
            if not text.startswith("hf://"):
                raise ValueError
            uri = parse_hf_uri(text)
            found[text] = {"kind": uri.type, "name": uri.id, "revision": uri.revision or "main", "path": uri.path_in_repo}
        except ValueError:
            found[text] = None
    return found


def environments():
    program = (
        "import json; from huggingface_hub import constants as c; "
        "print(json.dumps([c.HF_HUB_CACHE, c.HF_TOKEN_PATH, c.HF_HUB_OFFLINE, c.ENDPOINT]))")
    found = []
    for variables in ENVIRONMENTS:
        printed = subprocess.run(
            [sys.executable, "-c", program], env={"HOME": "/home/ada"} | variables, capture_output=True, check=True)
        cache, token, offline, endpoint = json.loads(printed.stdout)
        found.append({"variables": variables, "cache": cache, "token": token, "offline": offline, "endpoint": endpoint})
    return found


def tree(folder):
    """Files and links below `folder`, without what is no part of the layout: locks, and huggingface_hub's own listings."""
    found = {}
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in (".locks", "trees"))
        for name in sorted(names):
            path = os.path.join(root, name)
            if os.path.islink(path):
                entry = {"link": os.readlink(path)}
            else:
                with open(path, "rb") as opened:
                    content = opened.read()
                entry = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            found[os.path.relpath(path, folder)] = entry
    return found


def downloads(cache):
    """The same that `LayoutTests` fetches."""
    from huggingface_hub import hf_hub_download, snapshot_download

    snapshot_download("acme/tiny", cache_dir=cache, allow_patterns=[
        "config.json", "generation_config.json", "tokenizer*", "special_tokens_map.json", "model*.safetensors*"])
    hf_hub_download("acme/tiny", "tiny-q4_0.gguf", cache_dir=cache, revision="refs/pr/1")
    scope = hashlib.sha1(b"scope").hexdigest()
    snapshot_download("acme/scope", cache_dir=cache, revision=scope, allow_patterns=[
        "resid_post/layer_17_width_16k_l0_medium/config.json", "resid_post/layer_17_width_16k_l0_medium/params.safetensors"])
    hf_hub_download("acme/texts", "data/part-0.jsonl", repo_type="dataset", cache_dir=cache, revision="v1")
    hf_hub_download("acme/texts", "data/größe 1.jsonl", repo_type="dataset", cache_dir=cache)


def write(folder, name, value):
    with open(os.path.join(folder, name), "w") as opened:
        json.dump(value, opened, indent=1, sort_keys=True, ensure_ascii=False)
        opened.write("\n")


if __name__ == "__main__":
    out = sys.argv[1]
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("hub_server", os.path.join(ROOT, "Tests/HubServer/hub_server.py"))
    server = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(server)
    with tempfile.TemporaryDirectory() as scratch, open(os.devnull, "w") as log:
        port, _ = server.start(log)
        os.environ |= {"HF_ENDPOINT": f"http://127.0.0.1:{port}", "HF_HOME": scratch, "HF_HUB_OFFLINE": "0"}
        os.environ.pop("HF_TOKEN", None)
        write(out, "references.json", references())
        cache = os.path.join(scratch, "cache")
        downloads(cache)
        write(out, "cache.json", tree(cache))
    write(out, "environment.json", environments())
