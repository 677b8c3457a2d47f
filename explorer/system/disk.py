"""Files and locks as the folders of runs have them, for other folders of a user: whole or not at all, held or free."""

from explorer.runs.atomic import put, replace, sync
from explorer.runs.locks import hold

__all__ = ["hold", "put", "replace", "sync"]
