"""Speaks Chromium's DevTools protocol over a pair of pipes (--remote-debugging-pipe), with Python's standard library alone.

Messages are JSON ended by a zero byte: https://chromedevtools.github.io/devtools-protocol/
"""

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time


def executable():
    """The browser's path: CLEARBOX_CHROMIUM, else Debian's package."""
    named = os.environ.get("CLEARBOX_CHROMIUM")
    path = shutil.which(named or "chromium")
    if not path:
        sys.exit(
            f"There is no {named or 'chromium'}, which the tests of the report's page need: "
            "apt-get install chromium, or set CLEARBOX_CHROMIUM to a Chromium or Chrome."
        )
    return path


class Chromium:
    """A headless browser with one page, gone at the end of a `with`."""

    def __init__(self, patience=120):
        self.patience = patience
        self.folder = tempfile.TemporaryDirectory(prefix="clearbox-browser-")
        self.events, self.buffer, self.last = [], b"", 0
        command_read, self.commands = os.pipe()
        self.replies, reply_write = os.pipe()
        # Above 9, so that moving them to 3 and 4 in the child overwrites neither.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (command_read, reply_write)]
        arguments = [
            executable(), "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.folder.name}",
            "--no-first-run", "--no-default-browser-check", "--disable-gpu", "--disable-dev-shm-usage",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
            "--hide-scrollbars", "--force-color-profile=srgb", "--lang=en-US", "about:blank",
        ]
        if os.geteuid() == 0:
            arguments.insert(1, "--no-sandbox")
        self.log = open(os.path.join(self.folder.name, "log"), "w+b")
        self.process = subprocess.Popen(
            ["/bin/bash", "-c", f'exec "$@" 3<&{ends[0]} 4>&{ends[1]}', "chromium", *arguments],
            pass_fds=ends, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        for end in (command_read, reply_write, *ends):
            os.close(end)
        self.session = None
        self.version = self.send("Browser.getVersion")["product"]
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.send(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for end in (self.commands, self.replies):
            os.close(end)
        self.log.close()
        try:
            self.folder.cleanup()
        except OSError:
            pass  # A child of the browser may still write there.

    def send(self, method, **parameters):
        """A command's result; what else is reported meanwhile goes to `events`."""
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session and not method.startswith(("Browser.", "Target.")):
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.commands, data):]
        end = time.monotonic() + self.patience
        while True:
            reply = self.receive(end, method)
            if reply.get("id") == self.last:
                if "error" in reply:
                    raise RuntimeError(f"{method}: {reply['error'].get('message')}")
                return reply["result"]
            self.events.append(reply)

    def wait(self, method):
        """The first event of this name, taken from the reported ones or waited for."""
        end = time.monotonic() + self.patience
        while True:
            for index, event in enumerate(self.events):
                if event.get("method") == method:
                    return self.events.pop(index)["params"]
            self.events.append(self.receive(end, method))

    def receive(self, end, purpose):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.replies], [], [], max(0, end - time.monotonic()))
            data = os.read(self.replies, 1 << 20) if ready else b""
            if not data:
                self.log.seek(0)
                raise RuntimeError(
                    f"Chromium {'ended' if ready else 'did not answer'} during {purpose}:\n"
                    + self.log.read().decode(errors="replace")[-2000:])
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page; a promise's result."""
        reply = self.send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True)
        if "exceptionDetails" in reply:
            details = reply["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return reply["result"].get("value")

    def call(self, function, *arguments):
        return self.evaluate(f"({function})({', '.join(json.dumps(argument) for argument in arguments)})")

    def open(self, url):
        self.events = [event for event in self.events if event.get("method") != "Page.loadEventFired"]
        self.send("Page.navigate", url=url)
        self.wait("Page.loadEventFired")

    def show(self, width, height=900, scheme="light", media="", still=True):
        """Window size in CSS pixels, colours, screen or print, and whether motion is to be reduced."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.send("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"}])

    def press(self, key):
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        text = {"text": "\r"} if key == "Enter" else {}
        key = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
        self.send("Input.dispatchKeyEvent", type="keyDown", **key, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **key)
