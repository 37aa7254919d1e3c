"""The JSON a client gets: typed structs, and the bytes kept by version that pages are joined from."""
