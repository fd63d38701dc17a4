"""What a text is: articles read from files, their chrome marked out, cut into chunks. Knows nothing of vectors."""
