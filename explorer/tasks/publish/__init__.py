"""The models that come with the project: how a finished run becomes one, and how all are trained anew from recipes."""
