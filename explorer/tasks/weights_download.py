"""Downloads of weights that go on in this process, one for each file: whoever asks meanwhile follows the same."""

import threading
from dataclasses import dataclass, field

from explorer.errors import Refused
from explorer.tasks import fetch_weights

RUNNING = 2  # downloads at once by this process, whoever asks for them


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
    """Begin to fetch these weights, or follow the download that is under way.

    Raises `Refused` while this visitor has another download, while `RUNNING` go on, and where the disk is too full.
    """
    with _lock:
        running = [each for each in _known.values() if not each.ended]
        if known := next((each for each in running if each.model == model), None):
            return known
        if own := next((each for each in running if each.by == by), None):
            raise Refused(
                f"you are downloading the weights of {own.model}, and may fetch one at a time: wait, or stop it"
            )
        if len(running) >= RUNNING:
            names = " and ".join(each.model for each in running)
            raise Refused(f"{len(running)} downloads of weights go on ({names}), as many as are allowed: wait for one")
        fetch_weights.check_room(model)
        _known[model] = started = WeightsDownload(model, by)
        threading.Thread(target=started.run, daemon=True, name=f"weights {model}").start()
    return started
