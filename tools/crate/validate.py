"""Validate a study's folder as RO-Crate with programs that are not ours.

Usage: validate.py FOLDER [PROFILE …]     profiles: process-run-crate-0.5 (default, with ro-crate-1.1 below it), ro-crate-1.1

Loads the folder with rocrate (ro-crate-py), which must find every file that the manifest lists, and validates it with
roc-validator at the severity REQUIRED. Prints one line of JSON: files, actions, and per profile what is not met; exit
code 1 where something is not. With CLEARBOX_CRATE_CONTEXT=FILE the JSON-LD context of RO-Crate 1.1 is read from FILE
(https://w3id.org/ro/crate/1.1/context) instead of the network.

Made with rocrate 0.16.0, roc-validator 0.13.0, Python 3.11. Install: pip install rocrate roc-validator
"""

import hashlib
import io
import json
import os
import pathlib
import sys

import requests
import urllib3
from rocrate.rocrate import ROCrate
from rocrate_validator import models, services

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def read_context_from(file):
    """Answers the validator's requests for the context with a file's content."""
    original = requests.adapters.HTTPAdapter.send

    def send(adapter, request, **named):
        if request.url.rstrip("/") != CONTEXT:
            return original(adapter, request, **named)
        response = requests.Response()
        response.status_code, response.url, response.request = 200, request.url, request
        response.headers["Content-Type"] = "application/ld+json"
        response.encoding = "utf-8"
        content = pathlib.Path(file).read_bytes()
        response.raw = urllib3.HTTPResponse(
            io.BytesIO(content), headers=response.headers, status=200, preload_content=False
        )
        return response

    requests.adapters.HTTPAdapter.send = send


def main():
    folder = pathlib.Path(sys.argv[1])
    profiles = sys.argv[2:] or ["process-run-crate-0.5", "ro-crate-1.1"]
    if file := os.environ.get("CLEARBOX_CRATE_CONTEXT"):
        read_context_from(file)
    crate = ROCrate(folder)
    files = [entity for entity in crate.data_entities if "File" in entity["@type"]]
    for entity in files:
        content = (folder / entity.source).read_bytes() if entity.source else None
        assert content is not None, f"{entity.id}: not found"
        assert hashlib.sha256(content).hexdigest() == entity["sha256"], f"{entity.id}: another SHA-256"
        assert len(content) == int(entity["contentSize"]), f"{entity.id}: another size"
    actions = [entity.id for entity in crate.get_entities() if entity.type == "CreateAction"]
    result = {"files": len(files), "actions": actions, "title": crate.name, "issues": {}}
    for profile in profiles:
        for severity in (models.Severity.REQUIRED, models.Severity.RECOMMENDED):
            outcome = services.validate(
                services.ValidationSettings(
                    rocrate_uri=str(folder), profile_identifier=profile, requirement_severity=severity
                )
            )
            issues = [f"{issue.check.identifier}: {issue.message}" for issue in outcome.get_issues(severity)]
            result["issues"][f"{profile} {severity.name}"] = issues
    print(json.dumps(result, ensure_ascii=False))
    return any(issues for key, issues in result["issues"].items() if key.endswith("REQUIRED"))


if __name__ == "__main__":
    sys.exit(main())
