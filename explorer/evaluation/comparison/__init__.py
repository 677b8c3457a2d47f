"""Two to four models on the same images: who their neighbours are, who is right where, how alike they are by chance."""
