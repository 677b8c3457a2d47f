"""Downloads of weights that go on in this process, one for each file: whoever asks meanwhile follows the same."""

import threading
from dataclasses import dataclass, field

from explorer.errors import Refused
from explorer.tasks import fetch_weights


@dataclass
class WeightsDownload:
    """A download: how far it is, in words, or what went wrong; `by` says who has started it."""

    model: str  # the reference whose weights they are
    by: str
    share: float = 0.0
    message: str = ""
    error: str = ""  # the sentence about why it has failed
    done: bool = False
    ended: bool = False
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    def stop(self) -> None:
        """Ask it to end; nothing of the file is kept."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end."""
        return self._stop.is_set()

    def run(self) -> None:
        """Fetch, and note what became of it."""
        try:
            fetch_weights.fetch(self.model, self._heard, self._stop.is_set)
            self.done = True
        except Refused as refused:
            self.error = "" if self.stopping else str(refused)
        except Exception as error:  # a thread has nobody to tell
            self.error = f"the download of the weights of {self.model} has failed ({type(error).__name__}): try again"
        finally:
            self.ended = True

    def _heard(self, share: float, sentence: str) -> None:
        self.share, self.message = share, sentence


_known: dict[str, WeightsDownload] = {}
_lock = threading.Lock()


def find(model: str) -> WeightsDownload | None:
    """The last download of these weights by this process, under way or ended."""
    return _known.get(model)


def start(model: str, by: str) -> WeightsDownload:
    """Begin to fetch these weights; or the one that is under way."""
    with _lock:
        known = _known.get(model)
        if known is not None and not known.ended:
            return known
        _known[model] = started = WeightsDownload(model, by)
        threading.Thread(target=started.run, daemon=True, name=f"weights {model}").start()
    return started
