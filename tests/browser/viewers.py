"""Viewers of a page without a browser: they speak Streamlit's protocol and do what watch.js does, at little cost."""

import asyncio
import gzip
import json
import re
import time
from urllib.parse import urlsplit

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.ui.kit import content

FIGURE = re.compile(rb"/content/[0-9a-f]+\.json")


def constant(name: str) -> float:
    """A number of watch.js."""
    return float(re.search(rf"const {name} = ([\d_]+)", (content.KIT / "watch.js").read_text())[1].replace("_", ""))


LONGEST, SHARE, BURST = constant("LONGEST") / 1000, constant("SHARE"), constant("BURST") / 1000


class Browser:
    """What a browser fetches by address: one connection, and a memory of what came with a name."""

    def __init__(self, url: str) -> None:
        self.host, self.port = urlsplit(url).hostname, urlsplit(url).port
        self.lock, self.connection, self.kept = asyncio.Lock(), None, {}

    async def get(self, path: str) -> tuple[int, bytes]:
        """Status and body; 304 with the body that is kept."""
        async with self.lock:
            for _ in range(2):  # an idle connection may have been closed
                try:
                    return await self._get(path)
                except (OSError, asyncio.IncompleteReadError):
                    self.connection = None
        return 0, b""

    async def _get(self, path: str) -> tuple[int, bytes]:
        self.connection = self.connection or await asyncio.open_connection(self.host, self.port)
        reader, writer = self.connection
        tag, kept = self.kept.get(path, ("", b""))
        lines = [f"GET {path} HTTP/1.1", f"Host: {self.host}", "Accept-Encoding: gzip", f"If-None-Match: {tag}", "", ""]
        writer.write("\r\n".join(lines).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        status, length = int(head.split()[1]), re.search(r"content-length: (\d+)", head)
        if status == 304:
            return status, kept
        body = await reader.readexactly(int(length[1]))
        body = gzip.decompress(body) if "content-encoding: gzip" in head else body
        if named := re.search(r"etag: (\S+)", head):
            self.kept[path] = named[1], body
        return status, body


class Viewer:
    """A visitor who opens a page and looks at it; `news` and `drawn` are when an answer and a figure came."""

    def __init__(self, url: str, page: str, query: str) -> None:
        self.url, self.name, self.query = url, page, query
        self.browser, self.script, self.watches, self.figures = Browser(url), "", {}, set()
        self.news, self.drawn, self.looks, self.runs, self.tasks = [], [], 0, 0, []

    async def look(self) -> None:
        """Open the page and follow it until this is cancelled."""
        address = f"ws{self.url.removeprefix('http')}/_stcore/stream"
        style = {"subprotocols": ["streamlit"], "max_size": None, "ping_interval": None, "open_timeout": 60}
        async with websockets.connect(address, **style) as self.socket:
            try:
                await self.ask()
                async for raw in self.socket:
                    await self.hear(raw)
            finally:
                for task in self.tasks:
                    task.cancel()

    async def ask(self, fragment: str = "") -> None:
        """Have the page drawn, or a part of it."""
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.fragment_id = self.query, fragment
        rerun.page_script_hash, rerun.page_name = self.script, "" if self.script else self.name
        rerun.context_info.url, rerun.context_info.timezone = f"{self.url}/{self.name}", "UTC"
        await self.socket.send(message.SerializeToString())

    async def hear(self, raw: bytes) -> None:
        """Take up one message of the server."""
        message = ForwardMsg.FromString(raw)
        if message.WhichOneof("type") == "new_session":
            self.script = message.new_session.page_script_hash
            self.runs += 1
        elif message.WhichOneof("type") == "navigation":
            self.script = message.navigation.page_script_hash or self.script
        element = message.delta.new_element.bidi_component
        if element.component_name == "unfold_watch":
            self.answered(message.delta.fragment_id, json.loads(element.json))
        self.fetch(FIGURE.findall(raw))

    def answered(self, fragment: str, data: dict) -> None:
        """A part of the page was drawn: its watch goes on."""
        watch = self.watches.setdefault(
            fragment, {"asked": 0.0, "took": 0.0, "data": {}, "saved": BURST, "at": time.monotonic()}
        )
        if not watch["data"]:
            self.tasks.append(asyncio.create_task(self.watch(fragment, watch)))
        if watch["asked"]:
            watch["took"] = time.monotonic() - watch["asked"]
        watch.update(data=data, answered=time.monotonic(), asked=0.0)
        self.news.append(time.monotonic())

    async def watch(self, fragment: str, watch: dict) -> None:
        """What watch.js does."""
        while True:
            await asyncio.sleep(watch.get("every") or watch["data"]["every"])
            address = watch["data"]["address"]
            changed = await self.changed(watch) if address else True
            now = time.monotonic()
            watch.update(saved=min(BURST, watch["saved"] + (now - watch["at"]) / SHARE), at=now)
            due = changed and not watch["asked"] and watch["saved"] >= min(BURST, watch["took"])
            if due or now - (watch["asked"] or watch["answered"]) > LONGEST:
                watch.update(asked=now, saved=watch["saved"] - watch["took"])
                await self.ask(fragment)

    async def changed(self, watch: dict) -> bool:
        data = watch["data"]
        status, body = await self.browser.get(data["address"])
        self.looks += 1
        if status not in (200, 304):
            return status == 404
        answer = json.loads(body)
        watch["every"] = answer.get("every")
        self.fetch([address.encode() for address in answer["charts"].values()])
        if status == 200:
            self.news.append(time.monotonic())
        return answer["stamp"] != data["stamp"]

    def fetch(self, addresses: list[bytes]) -> None:
        """Fetch the figures that are not here yet."""
        for address in set(addresses) - self.figures:
            self.figures.add(address)
            self.tasks.append(asyncio.create_task(self.draw(address.decode())))

    async def draw(self, address: str) -> None:
        """Fetch a figure, and note when it was there."""
        status, _ = await self.browser.get(address)
        if status == 200:
            self.drawn.append(time.monotonic())
