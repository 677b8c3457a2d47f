"""Kinds of job: what each may be asked, and what it does in a process of its own."""
