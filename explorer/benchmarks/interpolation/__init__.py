"""Does interpolation in a code give meaningful images? Autoencoders of equal size, PCA and an untrained one.

`python -m explorer.benchmarks.interpolation` trains and measures, and adds the rows to `interpolation.jsonl`;
`make results` writes their table.
"""
