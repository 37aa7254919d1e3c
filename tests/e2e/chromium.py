"""A real Chromium without a window, driven over its DevTools protocol: it opens pages, presses keys, and tells what went on."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

PATIENCE = 60.0
EXECUTABLE = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), " ": (32, " ")}
ARGUMENTS = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--lang=en",
)


class Tab:
    """One page of the browser. `complaints` are console errors and refusals of the policy, `requests` every address."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loads = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def begin(self) -> None:
        """Watch from now on."""
        for domain in ("Page", "Runtime", "Network", "Log", "Audits"):
            await self.tell(f"{domain}.enable")

    async def close(self) -> None:
        """Stop watching."""
        self._reader.cancel()
        await self._socket.close()

    async def tell(self, method: str, **values: Any) -> dict[str, Any]:
        """A command of the protocol, and its answer."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": self._number, "method": method, "params": values})
        return await asyncio.wait_for(answer, PATIENCE)

    async def open(self, url: str) -> None:
        """Go to a page and wait until it and its pictures are there."""
        async with self.loading():
            await self.tell("Page.navigate", url=url)

    @contextlib.asynccontextmanager
    async def loading(self) -> AsyncIterator[None]:
        """Wait until the page that the block leads to is there."""
        self._loads.clear()
        yield
        await asyncio.wait_for(self._loads.wait(), PATIENCE)

    async def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression, run by the browser itself whatever the page's policy."""
        answer = await self.tell("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    async def press(self, key: str) -> None:
        """Press a key: `Tab`, `Enter`, a space."""
        code, text = KEYS[key]
        pressed = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        await self.tell("Input.dispatchKeyEvent", type="keyDown", text=text, **pressed)
        await self.tell("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def type(self, text: str) -> None:
        """Type where the focus is."""
        await self.tell("Input.insertText", text=text)

    async def click(self, selector: str) -> None:
        """Click what a CSS selector finds and wait for the page it leads to."""
        async with self.loading():
            await self.ask(f"document.querySelector({json.dumps(selector)}).click()")

    async def look(self, width: int, height: int = 800, *, dark: bool = False) -> None:
        """See the page as a window of this size does."""
        await self.tell(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.tell("Emulation.setEmulatedMedia", media="", features=[scheme])

    async def picture(self, path: Path, *, whole: bool = True) -> None:
        """Write what the page looks like to a PNG, `whole` or what of it is in the window."""
        shot = await self.tell("Page.captureScreenshot", captureBeyondViewport=whole)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))

    async def _read(self) -> None:
        async for message in self._socket:
            told = message.json()
            if "id" in told:
                answer = self._answers.pop(told["id"])
                if not answer.done():
                    self._settle(answer, told)
                continue
            self._note(told["method"], told["params"])

    @staticmethod
    def _settle(answer: asyncio.Future[dict[str, Any]], told: dict[str, Any]) -> None:
        if "error" in told:
            answer.set_exception(AssertionError(told["error"]))
        else:
            answer.set_result(told["result"])

    def _note(self, method: str, values: dict[str, Any]) -> None:
        if method == "Page.loadEventFired":
            self._loads.set()
        elif method == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{values['entry']['text']} {values['entry'].get('url', '')}")
        elif method == "Runtime.exceptionThrown" or (
            method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning")
        ):
            self.complaints.append(str(values))
        elif method == "Audits.issueAdded" and values["issue"]["code"] == "ContentSecurityPolicyIssue":
            self.complaints.append(str(values["issue"]))


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Tab]:
    """A browser of its own with one tab; it ends with the context."""
    with tempfile.TemporaryDirectory(prefix="heliograph-chromium-", ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            EXECUTABLE,
            *ARGUMENTS,
            f"--user-data-dir={folder}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with aiohttp.ClientSession() as session:
                tab = await _tab(session, await _address(process))
                await tab.begin()
                yield tab
                await tab.close()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Where the browser listens: `127.0.0.1:port`."""
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE):
        async for line in process.stderr:
            if b"DevTools listening on ws://" in line:
                return line.decode().partition("ws://")[2].partition("/")[0]
    raise AssertionError("Chromium ended as it started")


async def _tab(session: aiohttp.ClientSession, address: str) -> Tab:
    async with asyncio.timeout(PATIENCE):
        while True:
            async with session.get(f"http://{address}/json/list") as answer:
                pages = [target for target in await answer.json() if target["type"] == "page"]
            if pages:
                return Tab(await session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0))
            await asyncio.sleep(0.05)
