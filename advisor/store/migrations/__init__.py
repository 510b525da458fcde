"""Migrations, one file each in `versions`. The first is the schema of the first release, which had no version table.

To change the schema: change the models in `advisor/store/tables`, write the next file, and raise `NEWEST` and `KNOWN` in
`advisor/store/schema.py`. There is no way back: nothing that is stored is ever dropped.
"""
