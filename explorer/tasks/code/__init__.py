"""Show me the code: a script that trains the same run again, with torch alone where that fits on a page."""
