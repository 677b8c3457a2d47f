"""Streamlit pieces that the pages share; a file in this folder is never a page."""
