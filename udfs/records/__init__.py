"""Records: from a batch to the values in it (leaves), and back to a batch with some of them replaced."""
