"""Files of responses, contacts, readings and scores: streamed at once or written in background.

cells, columns   what a cell looks like, and which columns there are
datasets         the four tables: rows, order, filters, columns
stream           CSV and JSON lines, straight from the database
parquet, workbook  the typed forms, made of the typed JSON lines
service, work    files written by workers: parts in the database, resumed after a crash
"""
