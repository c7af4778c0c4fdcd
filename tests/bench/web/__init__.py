"""What the web hand costs on a page of forty fields: beside Robot Framework Browser and a script, and over thousands of records."""
