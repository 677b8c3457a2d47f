"""What maps cost: every projection with more and more points, and beside the times of the lecture.

`python -m explorer.benchmarks.maps` measures and adds the rows to `maps.jsonl`; `make results` writes their tables. The
estimates before a map is computed, `evaluation.map_cost`, rest on these rows.
"""
