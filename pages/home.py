"""Where do I start?"""

from explorer import engine
from explorer.lessons import catalogue
from pages.ui.kit import layout, messages, url_state
from pages.ui.runs import ownership
from pages.ui.sections import home_presets, home_runs, home_start, home_unfolding, lessons

found = catalogue()
page = layout.body("Train a network without labels and watch it organise images by meaning")
unfolds = home_unfolding.chosen()
if unfolds:
    with page.lead, messages.guard():
        messages.lead_sentence(home_unfolding.lead(unfolds), messages.plain(unfolds.title))
    with page.picture, messages.guard():
        home_unfolding.show(unfolds)
with page.lead:
    messages.caption(
        "For courses on representation learning, and for whoever is curious: guess, train, look. No programming."
    )
with page.action, messages.guard():
    home_start.show(unfolds)
with page.rail:
    if first := next((entry for entry in found.entries if entry.lesson.invitation), None):
        words = f"A first lesson: {messages.plain(first.lesson.invitation)}"
        url_state.link("lessons", words, "school", lesson=first.name)
    url_state.link("data", "Bring your own pictures", "add_photo_alternate", own=1)
    url_state.link("methods", "How each method works", "menu_book")

messages.heading("Lessons")
with messages.guard():
    lessons.cards(found)

messages.heading("Trainings of about a minute")
with messages.guard():
    home_presets.cards()

with messages.guard():
    engine.reconcile()
    home_runs.show(ownership.listing("train", shipped=False))
