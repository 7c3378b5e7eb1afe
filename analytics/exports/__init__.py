"""Files of every table and every number: streamed at once or written in background.

cells, columns   what a cell looks like, and which columns there are
datasets         every table: rows, order, filters, columns; *_tables say which, *_rows compute them
made             rows that are computed, not stored
stream           CSV and JSON lines, straight from the database
parquet, workbook  the typed forms, made of the typed JSON lines
service, work    files written by workers: parts in the database, resumed after a crash
"""
