"""How much of the memory a network may take."""

from explorer.models import memory

GIB = 2**30


def test_on_a_processor_four_gib_are_allowed_unless_the_setting_says_otherwise(monkeypatch):
    monkeypatch.setattr(memory, "free", lambda where: 100 * GIB)
    monkeypatch.setattr(memory, "taken", lambda where: GIB)
    monkeypatch.delenv("EXPLORER_MEMORY", raising=False)
    assert memory.allowed() == 3 * GIB
    monkeypatch.setenv("EXPLORER_MEMORY", "50")
    assert memory.allowed() == 100 * GIB
    monkeypatch.delenv("EXPLORER_MEMORY")
    monkeypatch.setattr(memory, "free", lambda where: GIB)
    assert memory.allowed() == GIB
