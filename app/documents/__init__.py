"""Stored files by content hash, encrypted from the first byte.

Owns    stored_file: one row per distinct content; the bytes lie in the file store, never in the database
Verbs   put, open_file, read_range
The store keeps blocks of 64 KB, each sealed on its own with its number and the file's hash as context, so
that any range can be read without the rest and no block can be changed, moved or left out unseen.
"""
