"""Networks that were trained on ImageNet elsewhere: which there are, where their weights lie, how they are opened."""
