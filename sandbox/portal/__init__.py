"""A survey portal without an interface for programs: whoever wants its results logs in, asks for a span of days and saves a file."""
