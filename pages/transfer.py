"""What is it worth elsewhere?"""

import streamlit as st

from explorer import engine
from explorer.models.reference import ModelRef
from explorer.tasks.task import TASKS
from pages.ui.kit import actions, dataset_picker, forms, layout, messages
from pages.ui.runs import model_cache, ownership, pickers, together
from pages.ui.sections import transfer as transfer_section
from pages.ui.sections import transfer_blocks, transfer_choice, transfer_weights, transfer_words

MAIN = ("arms", "labels_per_class", "epochs")

page = layout.page("What is it worth on another task?")
engine.reconcile()
transfer_choice.follow()
default = transfer_choice.suggested()
with page.context:
    target = dataset_picker.choose("target", "Transfer to", place=page.picture, default=default["target"])
    images = transfer_weights.lacking() if target.modality == "image" else {}
    ref = pickers.model(target.name, default=default["model"], more=images)
with page.picture, messages.guard():
    if lacks := transfer_weights.row(ref):
        transfer_weights.offer(lacks)
    run = transfer_choice.chosen(ref, target.name)
    if run:
        transfer_section.watch(run)
        transfer_section.look(run, target)
    elif not lacks:
        transfer_section.empty(model_cache.title(ref, target.title), target.title)
    blocks, labels = st.container(), st.container()
    transfer_choice.others(ownership.listing("transfer"), run)
if lacks:
    messages.stop()

options = None  # until all of them are allowed
with page.rail, messages.guard():
    with st.spinner("Loading PyTorch…"):  # on the first visit alone
        from explorer.evaluation.arms import TransferConfig
    fixed = {} if ModelRef.parse(ref).can_train else {"arms": ("frozen",)}
    form = transfer_section.FORM
    skip = {*fixed, "preset"}  # a preset fills in what is not given, and a form gives all
    main = forms.hyperparameters(TransferConfig, form, only=MAIN, skip=skip, columns=1)
    with st.expander("More options", icon=":material/tune:"):
        more = forms.hyperparameters(TransferConfig, form, skip={*MAIN, "preset"}, columns=1)
    options = main | more | fixed
    if fixed:
        messages.caption("This model has no trainable weights: it can only be evaluated frozen.")
    messages.caption(transfer_words.use_of_images(options))
    if transfer_choice.learned_from(ref) == target.name:
        messages.caption(
            f"This model was trained on {messages.plain(target.title)}: to measure transfer, choose another data set."
        )
    with page.action:
        style = {"type": "primary", "icon": ":material/move_up:", "width": "stretch", "key": "start-transfer"}
        actions.button("Start", transfer_section.start, ref, target.name, options, fixed, **style)
if options is None:
    messages.stop()

with blocks, messages.guard():
    if not fixed:
        asked = "last_blocks" in options["arms"] or run is None
        with st.expander(
            "What learns: the network of the next transfer", icon=":material/content_cut:", expanded=asked
        ):
            transfer_blocks.show(ref, target, options)

with labels, messages.guard():
    shown = TASKS["transfer"].config(run.spec).model_dump() if run else options
    with st.expander("The labelled training images", icon=":material/label:", expanded=run is None):
        transfer_section.labels(target, shown)

trained = model_cache.trained(ref)
if trained and len(trained.frames()) > 1:
    with page.picture, messages.guard():
        messages.heading("The representation during training")
        st.fragment(together.section)(trained)
