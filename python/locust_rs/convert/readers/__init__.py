"""One reader per format; `formats` chooses among them."""
