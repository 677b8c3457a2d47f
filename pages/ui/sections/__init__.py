"""What one page shows; each file is named like its page."""
