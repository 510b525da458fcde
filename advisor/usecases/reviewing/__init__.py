"""A recommendation as a document for those who sign for the money."""
